/* libopendkim as bench/peers/process.py talks to it: frames in, CPU time and verdicts out, one process for all rounds.
 *
 * Built by bench/peers/install.py. The library gets what a milter gives it: header fields one by one, then the body;
 * its own splitter (dkim_chunk) takes the message byte by byte, and that is not what is to be measured.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <dkim.h>

#define MOST 100000

struct frame { unsigned char *bytes; uint32_t size; };
struct record { char *name, *txt; };

static struct record zone[64];
static int records;
static struct frame messages[MOST];
static char verdicts[MOST][16];

static int next_frame(struct frame *frame)
{
    uint32_t size;

    if (fread(&size, sizeof size, 1, stdin) != 1)
        return 0;
    frame->size = ntohl(size);
    frame->bytes = malloc(frame->size + 1);
    if (frame->bytes == NULL || fread(frame->bytes, 1, frame->size, stdin) != frame->size)
        exit(1);
    frame->bytes[frame->size] = '\0';
    return 1;
}

static void read_zone(char *text)
{
    for (char *line = strtok(text, "\n"); line != NULL && records < 64; line = strtok(NULL, "\n")) {
        char *tab = strchr(line, '\t');
        if (tab == NULL)
            exit(1);
        *tab = '\0';
        zone[records++] = (struct record){line, tab + 1};
    }
}

static DKIM_CBSTAT key(DKIM *dkim, DKIM_SIGINFO *signature, u_char *answer, size_t room)
{
    char name[512];

    (void)dkim;
    snprintf(name, sizeof name, "%s._domainkey.%s", dkim_sig_getselector(signature), dkim_sig_getdomain(signature));
    for (int at = 0; at < records; at++)
        if (strcmp(zone[at].name, name) == 0) {
            snprintf((char *)answer, room, "%s", zone[at].txt);
            return DKIM_CBSTAT_CONTINUE;
        }
    return DKIM_CBSTAT_NOTFOUND;
}

/* Hands over each field without its last CRLF; returns where the body begins. */
static unsigned char *give_header(DKIM *dkim, unsigned char *at, unsigned char *end)
{
    while (at < end && !(at[0] == '\r' && at + 1 < end && at[1] == '\n')) {
        unsigned char *stop = at;
        do {
            unsigned char *line = memchr(stop, '\n', (size_t)(end - stop));
            stop = line == NULL ? end : line + 1;
        } while (stop < end && (*stop == ' ' || *stop == '\t'));
        dkim_header(dkim, at, (size_t)(stop - at) - (stop - at >= 2 && stop[-1] == '\n' ? 2 : 0));
        at = stop;
    }
    return at + 2 <= end ? at + 2 : end;
}

static void judge(DKIM_LIB *library, struct frame *message, char *said)
{
    DKIM_STAT status;
    DKIM_SIGINFO **signatures = NULL;
    int many = 0;
    unsigned char *end = message->bytes + message->size;
    DKIM *dkim = dkim_verify(library, (unsigned char *)"bench", NULL, &status);
    unsigned char *body = give_header(dkim, message->bytes, end);

    if (dkim_eoh(dkim) == DKIM_STAT_OK) {
        if (body < end)
            dkim_body(dkim, body, (size_t)(end - body));
        dkim_eom(dkim, NULL);
    }
    dkim_getsiglist(dkim, &signatures, &many);
    for (int at = 0; at < many && at < 15; at++) {
        /* dkim_eom stops at the first signature that holds; the others are asked for here. */
        if ((dkim_sig_getflags(signatures[at]) & DKIM_SIGFLAG_PROCESSED) == 0)
            dkim_sig_process(dkim, signatures[at]);
        *said++ = DKIM_SIG_CHECK(signatures[at]) ? '1' : '0';
    }
    *said = '\0';
    dkim_free(dkim);
}

int main(void)
{
    struct frame frame;
    int many = 0;
    DKIM_LIB *library = dkim_init(NULL, NULL);

    dkim_set_key_lookup(library, key);
    if (!next_frame(&frame))
        return 1;
    read_zone((char *)frame.bytes);
    while (next_frame(&frame)) {
        struct timespec from, to;

        if (frame.size > 0 && many < MOST) {
            messages[many++] = frame;
            continue;
        }
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        for (int at = 0; at < many; at++)
            judge(library, &messages[at], verdicts[at]);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        printf("%.1f ", (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3);
        for (int at = 0; at < many; at++)
            printf("%s%s", at ? "," : "", verdicts[at]);
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
