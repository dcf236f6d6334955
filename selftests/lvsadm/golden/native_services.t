$ lvsadm service add tcp 192.0.2.1:80 scheduler wrr persistent 300 netmask 24
$ lvsadm service add udp '[2001:db8::1]:53' ops
$ lvsadm service add fwmark 7 family inet6 scheduler sh flags sh-port,sh-fallback
$ lvsadm service add tcp 192.0.2.2:0 persistent 60 netmask 255.255.0.0 pe sip
$ lvsadm service add sctp 192.0.2.1:9 sched rr
$ lvsadm service show
tcp 192.0.2.1:80 scheduler wrr persistent 300 netmask 255.255.255.0
tcp 192.0.2.2:0 scheduler wlc persistent 60 netmask 255.255.0.0 pe sip
sctp 192.0.2.1:9 scheduler rr
udp [2001:db8::1]:53 scheduler wlc ops
fwmark 7 family inet6 scheduler sh flags sh-fallback,sh-port
$ lvsadm se sh tcp 192.0.2.1:80
tcp 192.0.2.1:80 scheduler wrr persistent 300 netmask 255.255.255.0
$ lvsadm service
tcp 192.0.2.1:80 scheduler wrr persistent 300 netmask 255.255.255.0
tcp 192.0.2.2:0 scheduler wlc persistent 60 netmask 255.255.0.0 pe sip
sctp 192.0.2.1:9 scheduler rr
udp [2001:db8::1]:53 scheduler wlc ops
fwmark 7 family inet6 scheduler sh flags sh-fallback,sh-port

# Only what is named changes.
$ lvsadm service set tcp 192.0.2.1:80 scheduler rr && lvsadm service show tcp 192.0.2.1:80
tcp 192.0.2.1:80 scheduler rr persistent 300 netmask 255.255.255.0
$ lvsadm service set tcp 192.0.2.1:80 persistent off && lvsadm service show tcp 192.0.2.1:80
tcp 192.0.2.1:80 scheduler rr netmask 255.255.255.0
$ lvsadm service set tcp 192.0.2.1:80 flags flag-1 netmask 32 && lvsadm service show tcp 192.0.2.1:80
tcp 192.0.2.1:80 scheduler rr flags flag-1
$ lvsadm service set tcp 192.0.2.1:80 flags none persistent 5 && lvsadm service show tcp 192.0.2.1:80
tcp 192.0.2.1:80 scheduler rr persistent 5
$ lvsadm service set udp '[2001:db8::1]:53' ops off && lvsadm service show udp '[2001:db8::1]:53'
udp [2001:db8::1]:53 scheduler wlc
$ lvsadm service set fwmark 7 family inet6 netmask 64 && lvsadm service show fwmark 7 family inet6
fwmark 7 family inet6 scheduler sh netmask 64 flags sh-fallback,sh-port
$ lvsadm service set tcp 192.0.2.2:0 pe none && lvsadm service show tcp 192.0.2.2:0
tcp 192.0.2.2:0 scheduler wlc persistent 60 netmask 255.255.0.0
$ lvsadm service set tcp 192.0.2.2:0 persistent off
lvsadm: service set: port 0 (any port) only goes with persistent
[1]
$ lvsadm service set tcp 192.0.2.9:0 persistent 5
lvsadm: service set: service tcp 192.0.2.9:0 does not exist
[2]
$ lvsadm service set tcp 192.0.2.1:80 scheduler nosuch
lvsadm: service set: unknown scheduler 'nosuch'
[2]
$ lvsadm service show tcp 192.0.2.1:80
tcp 192.0.2.1:80 scheduler rr persistent 5

# Refusals.
$ lvsadm service add tcp 192.0.2.1:80
lvsadm: service add: service tcp 192.0.2.1:80 exists already
[2]
$ lvsadm service add tcp 192.0.2.8:80 scheduler foo
lvsadm: service add: unknown scheduler 'foo'
[2]
$ lvsadm service add tcp 192.0.2.8:80 scheduler foo pe bar
lvsadm: service add: unknown scheduler 'foo', or unknown persistence engine 'bar'
[2]
$ lvsadm service del tcp 192.0.2.9:80
lvsadm: service del: service tcp 192.0.2.9:80 does not exist
[2]
$ lvsadm service zero fwmark 9
lvsadm: service zero: service fwmark 9 does not exist
[2]
$ lvsadm service show fwmark 9
lvsadm: show: service fwmark 9 does not exist
[2]
$ FAKE_SENTENCE='scheduler "foo" is not among rr, wrr' lvsadm service add tcp 192.0.2.8:80 scheduler foo
lvsadm: service add: scheduler 'foo': scheduler "foo" is not among rr, wrr
[2]
$ FAKE_DENIED=1 lvsadm service show
lvsadm: show: permission denied: this needs CAP_NET_ADMIN
[2]
$ FAKE_ABSENT=1 lvsadm service show
lvsadm: the kernel has no IPVS: 'modprobe ip_vs' found neither lvs nor ip_vs
[2]
$ lvsadm service zero && lvsadm service zero tcp 192.0.2.1:80
$ lvsadm service del tcp 192.0.2.1:80 && lvsadm service flush && lvsadm service show

# The kernel's own sentence, with the argument that it is about.
$ lvsadm service add udp 192.0.2.1:53
$ export FAKE_SENTENCE='it says why'
$ lvsadm service add udp 192.0.2.1:53
lvsadm: service add: service udp 192.0.2.1:53: it says why
[2]
$ lvsadm service add udp 192.0.2.2:53 scheduler foo pe bar
lvsadm: service add: scheduler 'foo', pe 'bar': it says why
[2]
$ lvsadm dest add udp 192.0.2.9:53 server 10.0.0.1
lvsadm: dest add: server 10.0.0.1:53 of service udp 192.0.2.9:53: it says why
[2]
$ lvsadm dest del udp 192.0.2.1:53 server 10.0.0.1
lvsadm: dest del: server 10.0.0.1:53 of service udp 192.0.2.1:53: it says why
[2]
$ lvsadm daemon stop master
lvsadm: daemon stop: it says why
[2]
