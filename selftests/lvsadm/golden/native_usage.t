$ export FAKE_ABSENT=1
$ lvsadm
Usage: lvsadm [ -j ] OBJECT [ COMMAND ] [ ARGUMENTS ]
       lvsadm -OPTION...    as ipvsadm, see lvsadm --help
    lvsadm service add SERVICE [ scheduler NAME ] [ persistent SECONDS ]
            [ netmask MASK|BITS ] [ flags FLAG[,FLAG]... ] [ ops [ on|off ] ]
            [ pe NAME ]
    lvsadm service set SERVICE [ scheduler NAME ] [ persistent SECONDS|off ]
            [ netmask MASK|BITS ] [ flags FLAG[,FLAG]... ] [ ops [ on|off ] ]
            [ pe NAME|none ]
    lvsadm service del SERVICE
    lvsadm service show [ SERVICE ]
    lvsadm service flush
    lvsadm service zero [ SERVICE ]
    lvsadm dest add SERVICE server ADDRESS[:PORT] [ nat | dr | tun ]
            [ type ipip|gue|gre ] [ port PORT ] [ csum on|off|remote ]
            [ weight N ] [ upper N ] [ lower N ]
    lvsadm dest set SERVICE server ADDRESS[:PORT] [ nat | dr | tun ]
            [ type ipip|gue|gre ] [ port PORT ] [ csum on|off|remote ]
            [ weight N ] [ upper N ] [ lower N ]
    lvsadm dest del SERVICE server ADDRESS[:PORT]
    lvsadm dest show [ SERVICE ]
    lvsadm conn show [ protocol tcp|udp|sctp|ip ] [ client ADDRESS[:PORT] ]
            [ virtual ADDRESS[:PORT] ] [ server ADDRESS[:PORT] ]
            [ state STATE ] [ limit N ]
    lvsadm stats show [ SERVICE ]
    lvsadm config show
    lvsadm config set [ tcp SECONDS ] [ tcp-fin SECONDS ] [ udp SECONDS ]
    lvsadm daemon start { master | backup } interface NAME [ syncid N ]
            [ maxlen BYTES ] [ group ADDRESS ] [ port PORT ] [ ttl N ]
    lvsadm daemon stop { master | backup }
    lvsadm daemon show
    lvsadm show [ SERVICE ]
    lvsadm save
    lvsadm restore [ flush ] [ file NAME ]
    lvsadm help [ service | dest | conn | stats | config | daemon | show |
            save | restore ]
    lvsadm version
SERVICE := { tcp | udp | sctp } ADDRESS:PORT |
           fwmark MARK [ family inet|inet6 ]
-j prints JSON. Words can be shortened while they are unambiguous.
[1]
$ lvsadm frobnicate
lvsadm: unknown object 'frobnicate': see lvsadm help
[1]
$ lvsadm s
lvsadm: object 's' could be several: write more of it
[1]
$ lvsadm service frobnicate
lvsadm: service: unknown command 'frobnicate': see lvsadm help service
[1]
$ lvsadm service s
lvsadm: service: command 's' could be several: write more of it
[1]
$ lvsadm service add
lvsadm: service add: which service? tcp|udp|sctp ADDRESS:PORT or fwmark MARK is missing
[1]
$ lvsadm service add http 192.0.2.1:80
lvsadm: service add: 'http': a service begins with tcp, udp, sctp or fwmark
[1]
$ lvsadm service add tcp
lvsadm: service add: tcp: ADDRESS:PORT is missing
[1]
$ lvsadm service add tcp 192.0.2.1
lvsadm: service add: tcp '192.0.2.1': the port is missing (0 stands for any port)
[1]
$ lvsadm service add tcp 192.0.2.1:99999
lvsadm: service add: tcp '192.0.2.1:99999': the port must be 0 to 65535 or a service name
[1]
$ lvsadm service add tcp 80
lvsadm: service add: tcp '80': not an address, and no host of that name
[1]
$ lvsadm service add tcp '[192.0.2.1]:80'
lvsadm: service add: tcp '[192.0.2.1]:80': must be ADDRESS:PORT, with IPv6 as [ADDRESS]:PORT
[1]
$ lvsadm service add tcp '[2001:db8::1:80'
lvsadm: service add: tcp '[2001:db8::1:80': must be ADDRESS:PORT, with IPv6 as [ADDRESS]:PORT
[1]
$ lvsadm service add tcp nosuchhost.invalid:80
lvsadm: service add: tcp 'nosuchhost.invalid:80': not an address, and no host of that name
[1]
$ lvsadm service add tcp 192.0.2.1:0
lvsadm: service add: port 0 (any port) only goes with persistent
[1]
$ lvsadm service add tcp 192.0.2.1:80 scheduler
lvsadm: service add: scheduler: NAME is missing
[1]
$ lvsadm service add tcp 192.0.2.1:80 scheduler aaaaaaaaaaaaaaaaaaaaaaaaaaaa
lvsadm: service add: scheduler 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa': a name has 1 to 15 characters
[1]
$ lvsadm service add tcp 192.0.2.1:80 scheduler rr scheduler rr
lvsadm: service add: scheduler: given twice, or contradicts an earlier argument
[1]
$ lvsadm service add tcp 192.0.2.1:80 persistent 0
lvsadm: service add: persistent '0': must be a number from 1 to 2678400
[1]
$ lvsadm service add tcp 192.0.2.1:80 persistent 99999999999999999999
lvsadm: service add: persistent '99999999999999999999': must be a number from 1 to 2678400
[1]
$ lvsadm service add tcp 192.0.2.1:80 netmask 33
lvsadm: service add: netmask '33': must be a prefix length of 1 to 32 or a mask like 255.255.255.0
[1]
$ lvsadm service add tcp '[2001:db8::1]:80' netmask 255.0.0.0
lvsadm: service add: netmask '255.0.0.0': must be a prefix length of 1 to 128
[1]
$ lvsadm service add tcp 192.0.2.1:80 flags foo
lvsadm: service add: flags: unknown flag 'foo'
[1]
$ lvsadm service add tcp 192.0.2.1:80 scheduler rr flags sh-port
lvsadm: service add: flags: scheduler 'rr' has no flag 'sh-port'
[1]
$ lvsadm service add tcp 192.0.2.1:80 ops
lvsadm: service add: ops only goes with udp and fwmark services
[1]
$ lvsadm service add tcp 192.0.2.1:80 family inet6
lvsadm: service add: family only goes with fwmark: an address has its own
[1]
$ lvsadm service add tcp 192.0.2.1:80 weight 3
lvsadm: service add: unknown argument 'weight': see lvsadm help service
[1]
$ lvsadm service add tcp 192.0.2.1:80 f
lvsadm: service add: argument 'f' could be several: write more of it
[1]
$ lvsadm service add fwmark
lvsadm: service add: fwmark: the mark is missing
[1]
$ lvsadm service add fwmark 0
lvsadm: service add: fwmark '0': must be a number from 1 to 4294967295
[1]
$ lvsadm service add fwmark 1 family ipv6
lvsadm: service add: family 'ipv6': must be inet or inet6
[1]
$ lvsadm dest add tcp 192.0.2.1:80
lvsadm: dest add: server ADDRESS[:PORT] is missing
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1:99999
lvsadm: dest add: server '10.0.0.1:99999': the port must be 0 to 65535 or a service name
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1:8080
lvsadm: dest add: server '10.0.0.1:8080': only nat changes the port; with dr it must be 80
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1:8080 tun
lvsadm: dest add: server '10.0.0.1:8080': only nat changes the port; with tun it must be 80
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 2001:db8::1 nat
lvsadm: dest add: server '2001:db8::1': an address family other than the service's only goes with tun
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 nat dr
lvsadm: dest add: dr: given twice, or contradicts an earlier argument
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 weight -1
lvsadm: dest add: weight '-1': must be a number from 0 to 2147483647
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 weight 2147483648
lvsadm: dest add: weight '2147483648': must be a number from 0 to 2147483647
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 upper 5 lower 6
lvsadm: dest add: lower 6 is above upper 5
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 lower 6
lvsadm: dest add: lower 6: only goes with upper
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 nat type gue
lvsadm: dest add: type, port and csum only go with tun
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 tun type gue
lvsadm: dest add: type gue: the tunnel's port is missing
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 tun type gre port 5
lvsadm: dest add: type gre: has no port
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 tun type gre csum remote
lvsadm: dest add: type gre: csum must be on or off
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 tun csum on
lvsadm: dest add: type ipip: has no csum
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 tun type foo
lvsadm: dest add: type 'foo': must be ipip, gue or gre
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 tun type gue port 0
lvsadm: dest add: port '0': must be a number from 1 to 65535
[1]
$ lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1 tun type gue port 5 csum maybe
lvsadm: dest add: csum 'maybe': must be on, off or remote
[1]
$ lvsadm config set
lvsadm: config set: nothing to set: name tcp, tcp-fin or udp
[1]
$ lvsadm config set tcp 0
lvsadm: config set: tcp '0': must be a number from 1 to 2678400
[1]
$ lvsadm config show foo
lvsadm: config show: unknown argument 'foo': see lvsadm help config
[1]
$ lvsadm daemon start master
lvsadm: daemon start: interface NAME is missing
[1]
$ lvsadm daemon start interface eth0
lvsadm: daemon start: master or backup is missing
[1]
$ lvsadm daemon start master backup interface eth0
lvsadm: daemon start: backup: given twice, or contradicts an earlier argument
[1]
$ lvsadm daemon start master interface aaaaaaaaaaaaaaaaaaaaaa
lvsadm: daemon start: interface 'aaaaaaaaaaaaaaaaaaaaaa': a name has 1 to 15 characters
[1]
$ lvsadm daemon start master interface eth0 group 10.0.0.1
lvsadm: daemon start: group '10.0.0.1': not a multicast address
[1]
$ lvsadm daemon start master interface eth0 syncid 256
lvsadm: daemon start: syncid '256': must be a number from 0 to 255
[1]
$ lvsadm restore file /nonexistent/file
lvsadm: restore: /nonexistent/file: No such file or directory
[1]
$ lvsadm help foo
lvsadm: help: unknown argument 'foo': see lvsadm help help
[1]
$ lvsadm -j save
lvsadm: save: prints commands; for JSON see show
[1]
$ lvsadm conn show protocol tpc
lvsadm: conn show: protocol 'tpc': must be tcp, udp, sctp or ip
[1]
