#!/bin/sh
# Installs the servers that some tests talk to (Postfix, Dovecot, OpenDKIM, Chromium): as root on Debian only.
# Safe to repeat; starts nothing. Prints one line, and ends with 0 where it can do nothing: those tests then skip.
set -eu

packages="postfix postfix-lmdb dovecot-core dovecot-imapd dovecot-lmtpd opendkim opendkim-tools
    chromium fonts-dejavu-core openssl"

say() { printf '%s\n' "services: $*"; }

missing() {
    for package in $packages; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

if [ "${ABUSEDESK_TEST_INSTALL-yes}" = no ]; then say "nothing installed, as ABUSEDESK_TEST_INSTALL is no"; exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then
    say "nothing installed, as this is not Debian; tests without their server are skipped"
    exit 0
fi
lacking=$(missing)
if [ -z "$lacking" ]; then say "all test servers are installed"; exit 0; fi
if [ "$(id -u)" != 0 ]; then
    say "nothing installed, as this is not root; tests without their server are skipped (lacking: $lacking)"
    exit 0
fi

# The packages start their daemons on installation; tests start private ones. 101 means 'do not' to invoke-rc.d.
policy=/usr/sbin/policy-rc.d
ours=no
if ! [ -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
fi
log=$(mktemp)
tidy() {
    if [ "$ours" = yes ]; then rm -f "$policy"; fi
    rm -f "$log"
}
trap tidy EXIT

get() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1
}

# Without this Postfix asks, or takes the machine's name and writes a main.cf; the tests bring their own.
if command -v debconf-set-selections >/dev/null 2>&1; then
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
fi
# shellcheck disable=SC2086
if get install -y --no-install-recommends $lacking || { get update && get install -y --no-install-recommends $lacking; }; then
    say "installed $lacking"
else
    tail -n 5 "$log"
    say "apt-get failed (above); tests without their server are skipped"
fi
