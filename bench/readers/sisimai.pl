# Sisimai in a process of its own, as driver.py has it: batches of reports in, CPU seconds and answers out.
#
# Sisimai 4 is asked by make, Sisimai 5 by rise. A record a recipient: the recipients are those of all records, the
# rest is the first one's. Its addresser, which is From or the envelope sender, answers for both. What it does not have
# (reported domains, results, the mail's bytes) is not answered.
use strict;
use warnings;
use JSON::PP;
use Time::HiRes 'clock';
use Sisimai;

binmode STDIN;
$| = 1;
my $json = JSON::PP->new->ascii;
my $read = Sisimai->can('rise') || Sisimai->can('make');
open my $nowhere, '>', '/dev/null' or die $!;
open STDERR, '>&', $nowhere;

sub taken {
    my $many = shift;
    my $got = '';
    while( length $got < $many ) {
        read(STDIN, $got, $many - length $got, length $got) or exit 0;
    }
    return $got;
}

sub answer {
    my $raw = shift;
    my $records = $read->('Sisimai', \$raw) or return {};
    my $first = $records->[0];
    return {
        'type'       => $first->feedbacktype,
        'ip'         => $first->rhost,
        'recipients' => [map { $_->recipient->address } @$records],
        'arrived'    => $first->timestamp->epoch,
        'message_id' => $first->messageid,
        'mail_from'  => $first->addresser->address,
        'from'       => $first->addresser->address,
        'subject'    => $first->subject,
    };
}

while( 1 ) {
    my @batch = map { taken(unpack 'N', taken(4)) } 1 .. unpack('N', taken(4));
    my(@answers, @spent);
    for my $raw ( @batch ) {
        my $began = clock();
        my $found = eval { answer($raw) } || {};
        push @spent, clock() - $began;
        push @answers, $found;
    }
    for my $each ( @answers ) {
        $each->{'arrived'} += 0 if exists $each->{'arrived'};
        utf8::decode $each->{'subject'} if defined $each->{'subject'};
    }
    print $json->encode({ 'cpu' => \@spent, 'answers' => \@answers }), "\n";
}
