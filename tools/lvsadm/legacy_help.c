// SPDX-License-Identifier: GPL-2.0
/* Help for ipvsadm's grammar. */
#include <stdio.h>

#include "legacy.h"
#include "version.h"

/**
 * legacy_version() - say which ipvsadm this is compatible with
 *
 * The first two words are what scripts look for.
 */
void legacy_version(void)
{
	printf("ipvsadm v1.31 compatible lvsadm v%s (compiled with libmnl and IPVS v%d.%d.%d)\n",
	       LVSADM_VERSION, NVERSION(IP_VS_VERSION_CODE));
}

static const char *const synopses[] = {
	"-A|-E SERVICE [-s SCHEDULER] [-p [SECONDS]] [-M NETMASK] [-o] [--pe ENGINE] [-b FLAGS]",
	"-D SERVICE",
	"-C",
	"-a|-e SERVICE -r SERVER [-g|-i|-m] [-w WEIGHT] [-x UPPER] [-y LOWER] [TUNNEL]",
	"-d SERVICE -r SERVER",
	"-L|-l [SERVICE|-c|--timeout|--daemon] [-n] [LISTING]",
	"-Z [SERVICE]",
	"-S [-n]",
	"-R",
	"--set TCP TCPFIN UDP",
	"--start-daemon master|backup [DAEMON]",
	"--stop-daemon master|backup [--syncid N]",
	"-h | -v",
};

static const char text[] =
"\n"
"Commands:\n"
"  -A --add-service     add a virtual service\n"
"  -E --edit-service    change one; what is not given goes back to its default\n"
"  -D --delete-service  delete one\n"
"  -C --clear           delete all\n"
"  -a --add-server      add a real server to a service\n"
"  -e --edit-server     change one; what is not given goes back to its default\n"
"  -d --delete-server   delete one\n"
"  -L -l --list         list services and servers\n"
"  -Z --zero            zero the counters of a service, or all\n"
"  -S --save            print the commands that rebuild the table\n"
"  -R --restore         carry out such commands from standard input\n"
"  --set                set connection timeouts, in seconds; 0 keeps the old one\n"
"  --start-daemon       start synchronising connections\n"
"  --stop-daemon        stop it\n"
"  -h --help            print this\n"
"  -v --version         print the version\n"
"\n"
"SERVICE:\n"
"  -t --tcp-service ADDRESS[:PORT]\n"
"  -u --udp-service ADDRESS[:PORT]\n"
"  --sctp-service ADDRESS[:PORT]\n"
"  -f --fwmark-service MARK   with -6 --ipv6 for IPv6\n"
"\n"
"Options of services:\n"
"  -s --scheduler NAME        default wlc\n"
"  -p --persistent [SECONDS]  clients stay with their server; default 360\n"
"  -M --netmask MASK          clients of one network count as one\n"
"  -o --ops                   schedule each packet by itself (UDP)\n"
"  --pe ENGINE                persistence engine\n"
"  -b --sched-flags FLAGS     flag-1,flag-2,flag-3, sh-fallback,sh-port,\n"
"                             mh-fallback,mh-port\n"
"\n"
"Options of servers:\n"
"  -r --real-server ADDRESS[:PORT]\n"
"  -g --gatewaying            direct routing (default)\n"
"  -i --ipip                  tunnel\n"
"  -m --masquerading          NAT\n"
"  -w --weight N              default 1; 0 takes no new connections\n"
"  -x --u-threshold N         overloaded with this many connections\n"
"  -y --l-threshold N         no longer overloaded with this many\n"
"\n"
"TUNNEL:\n"
"  --tun-type ipip|gue|gre    default ipip\n"
"  --tun-port PORT            of gue\n"
"  --tun-nocsum --tun-csum --tun-remcsum\n"
"\n"
"LISTING:\n"
"  -c --connection            connections instead of services\n"
"  --timeout                  timeouts (tcp tcpfin udp)\n"
"  --daemon                   synchronisation daemons\n"
"  --stats                    counters\n"
"  --rate                     rates per second\n"
"  --thresholds               connection thresholds\n"
"  --persistent-conn          persistence entries; with -c, engine data\n"
"  --tun-info                 tunnels\n"
"  -n --numeric               look for no names\n"
"  -X --exact                 numbers without units\n"
"  --nosort                   in the kernel's order (--sort is the default)\n"
"\n"
"DAEMON:\n"
"  --syncid N --mcast-interface NAME --mcast-group ADDRESS --mcast-port PORT\n"
"  --mcast-ttl N --sync-maxlen BYTES\n";

/** legacy_help() - print the help of ipvsadm's grammar */
void legacy_help(void)
{
	size_t i;

	legacy_version();
	printf("Usage:\n");
	for (i = 0; i < sizeof(synopses) / sizeof(*synopses); i++)
		printf("  %s %s\n", legacy_program, synopses[i]);
	fputs(text, stdout);
}
