# Mail::DKIM as bench/peers/process.py talks to it: frames in, CPU time and verdicts out, one process for all rounds.
use strict;
use warnings;
use Mail::DKIM::Verifier;
use Time::HiRes qw(clock_gettime CLOCK_PROCESS_CPUTIME_ID);

package Record;    # as much of a DNS record as is looked at
sub type    { return 'TXT' }
sub txtdata { my ($self) = @_; return ( $self->{text} ) }

package main;

sub frame {
    my $read = read STDIN, my $head, 4;
    return undef unless $read && $read == 4;
    my $size = unpack 'N', $head;
    my $bytes = '';
    die "cut short\n" if $size && read( STDIN, $bytes, $size ) != $size;
    return $bytes;
}

sub verdicts {
    my ($message) = @_;
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT($message);
    $verifier->CLOSE;
    return join '', map { ( $_->result // '' ) eq 'pass' ? 1 : 0 } $verifier->signatures;
}

binmode STDIN;
$| = 1;
my %zone;
for my $line ( split /\n/, frame() ) {
    my ( $name, $text ) = split /\t/, $line, 2;
    $zone{$name} = bless { text => $text }, 'Record';
}
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub { return $zone{ $_[0] } // () };
}

my @messages;
while ( defined( my $bytes = frame() ) ) {
    if ( length $bytes ) { push @messages, $bytes; next }
    my $from = clock_gettime(CLOCK_PROCESS_CPUTIME_ID);
    my @said = map { verdicts($_) } @messages;
    my $spent = clock_gettime(CLOCK_PROCESS_CPUTIME_ID) - $from;
    printf "%.1f %s\n", $spent * 1e6, join ',', @said;
}
