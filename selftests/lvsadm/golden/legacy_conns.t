$ ipvsadm -Lnc
cannot open file /nonexistent/ip_vs_conn
[1]
$ export FAKE_CONNS=conns
$ cat > conns <<'EOF'
> Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
> TCP C0000205 8C3B C0000201 0050 0A000001 0050 ESTABLISHED     899
> UDP C0000206 A001 C0000201 0035 0A000002 0035 UDP             299
> TCP C0000207 0000 C0000201 0050 0A000001 0050 NONE           6000 sip 7c1@192.0.2.7
> TCP 2001:0db8:0000:0000:0000:0000:0000:0005 8C3B 2001:0db8:0000:0000:0000:0000:0000:0001 0050 2001:0db8:0000:0000:0000:0000:0000:000a 1F90 SYN_RECV         59
> IP  C0000208 0000 00000007 0000 0A000001 0000 NONE             49
> EOF
$ ipvsadm -Lnc
IPVS connection entries
pro expire state       source             virtual            destination
TCP 14:59  ESTABLISHED 192.0.2.5:35899    192.0.2.1:80       10.0.0.1:80
UDP 04:59  UDP         192.0.2.6:40961    192.0.2.1:53       10.0.0.2:53
TCP 100:00 NONE        192.0.2.7:0        192.0.2.1:80       10.0.0.1:80
TCP 00:59  SYN_RECV    [2001:db8::5]:35899 [2001:db8::1]:80   [2001:db8::a]:8080
IP  00:49  NONE        192.0.2.8:0        0.0.0.7:0          10.0.0.1:0
$ ipvsadm -Ln -c --persistent-conn
IPVS connection entries
pro expire state       source             virtual            destination        pe name          pe_data
TCP 14:59  ESTABLISHED 192.0.2.5:35899    192.0.2.1:80       10.0.0.1:80
UDP 04:59  UDP         192.0.2.6:40961    192.0.2.1:53       10.0.0.2:53
TCP 100:00 NONE        192.0.2.7:0        192.0.2.1:80       10.0.0.1:80        sip              7c1@192.0.2.7
TCP 00:59  SYN_RECV    [2001:db8::5]:35899 [2001:db8::1]:80   [2001:db8::a]:8080
IP  00:49  NONE        192.0.2.8:0        0.0.0.7:0          10.0.0.1:0
$ lvsadm conn show
TCP  client 192.0.2.5:35899 virtual 192.0.2.1:80 server 10.0.0.1:80 state ESTABLISHED expires 899
UDP  client 192.0.2.6:40961 virtual 192.0.2.1:53 server 10.0.0.2:53 state UDP expires 299
TCP  client 192.0.2.7:0 virtual 192.0.2.1:80 server 10.0.0.1:80 state NONE expires 6000 pe sip data 7c1@192.0.2.7
TCP  client [2001:db8::5]:35899 virtual [2001:db8::1]:80 server [2001:db8::a]:8080 state SYN_RECV expires 59
IP   client 192.0.2.8:0 virtual 0.0.0.7:0 server 10.0.0.1:0 state NONE expires 49
$ lvsadm -j conn show limit 1
{"conns":[{"protocol":"TCP","client":{"address":"192.0.2.5","port":35899},"virtual":{"address":"192.0.2.1","port":80},"server":{"address":"10.0.0.1","port":80},"state":"ESTABLISHED","expires":899}]}
$ lvsadm conn show client 192.0.2.5
TCP  client 192.0.2.5:35899 virtual 192.0.2.1:80 server 10.0.0.1:80 state ESTABLISHED expires 899
$ lvsadm conn show client 192.0.2.5:1
$ lvsadm conn show server 10.0.0.1:80 protocol tcp limit 1
TCP  client 192.0.2.5:35899 virtual 192.0.2.1:80 server 10.0.0.1:80 state ESTABLISHED expires 899
$ lvsadm conn show virtual [2001:db8::1]:80
TCP  client [2001:db8::5]:35899 virtual [2001:db8::1]:80 server [2001:db8::a]:8080 state SYN_RECV expires 59
$ lvsadm conn show state none protocol ip
IP   client 192.0.2.8:0 virtual 0.0.0.7:0 server 10.0.0.1:0 state NONE expires 49
$ lvsadm conn show state none limit 0
lvsadm: conn show: limit '0': must be a number from 1 to 4294967295
[1]
$ lvsadm conn show nonsense
lvsadm: conn show: unknown argument 'nonsense': see lvsadm help conn
[1]
$ echo garbage >> conns; ipvsadm -Lnc | tail -n 1
unexpected input from conns
IP  00:49  NONE        192.0.2.8:0        0.0.0.7:0          10.0.0.1:0
$ lvsadm conn show limit 1
TCP  client 192.0.2.5:35899 virtual 192.0.2.1:80 server 10.0.0.1:80 state ESTABLISHED expires 899
$ lvsadm conn show >/dev/null
lvsadm: conn show: conns: has a line that is no connection
[2]
$ : > conns; ipvsadm -Lnc
unexpected input from conns
IPVS connection entries
pro expire state       source             virtual            destination
[1]
