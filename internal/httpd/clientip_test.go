package httpd

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func proxies(nets ...string) Proxies {
	var p Proxies
	for _, n := range nets {
		p = append(p, netip.MustParsePrefix(n))
	}
	return p
}

func TestClient(t *testing.T) {
	trusted := proxies("10.0.0.0/8", "127.0.0.1/32", "fd00::/8")
	type header struct{ xff, fwd []string }
	tests := []struct {
		name, peer string
		header     header
		trusted    Proxies
		want       string
	}{
		{"no proxy named", "203.0.113.5:1", header{xff: []string{"1.2.3.4"}}, nil, "203.0.113.5"},
		{"peer is no proxy", "203.0.113.5:1", header{xff: []string{"1.2.3.4"}}, trusted, "203.0.113.5"},
		{"one proxy", "10.0.0.1:1", header{xff: []string{"198.51.100.9"}}, trusted, "198.51.100.9"},
		{"client invents hops", "10.0.0.1:1", header{xff: []string{"1.1.1.1, 2.2.2.2 ,198.51.100.9"}}, trusted, "198.51.100.9"},
		{"two headers are one list", "10.0.0.1:1", header{xff: []string{"1.1.1.1", "198.51.100.9, 10.2.2.2"}}, trusted, "198.51.100.9"},
		{"with ports", "10.0.0.1:1", header{xff: []string{"[2001:db8::1]:4711"}}, trusted, "2001:db8::1"},
		{"mapped", "[::ffff:10.0.0.1]:1", header{xff: []string{"::ffff:198.51.100.9"}}, trusted, "198.51.100.9"},
		{"zone", "[fe80::1%eth0]:1", header{}, trusted, "fe80::1"},
		{"all trusted", "10.0.0.1:1", header{xff: []string{"10.0.0.3, 10.0.0.2"}}, trusted, "10.0.0.3"},
		{"nonsense ends the walk", "10.0.0.1:1", header{xff: []string{"198.51.100.9, unknown, 10.0.0.2"}}, trusted, "10.0.0.2"},
		{"empty", "10.0.0.1:1", header{xff: []string{""}}, trusted, "10.0.0.1"},
		{"forwarded", "10.0.0.1:1", header{fwd: []string{`for=1.1.1.1, For="[2001:db8::7]:99";proto=https;by=10.0.0.1`}}, trusted, "2001:db8::7"},
		{"forwarded hidden", "10.0.0.1:1", header{fwd: []string{"for=1.1.1.1, for=_hidden"}}, trusted, "10.0.0.1"},
		{"both agree", "10.0.0.1:1", header{[]string{"198.51.100.9"}, []string{"for=198.51.100.9"}}, trusted, "198.51.100.9"},
		{"one of both is invented", "10.0.0.1:1", header{[]string{"198.51.100.9"}, []string{"for=1.1.1.1"}}, trusted, "10.0.0.1"},
		{"unix socket behind a proxy", "@", header{xff: []string{"198.51.100.9"}}, trusted, "198.51.100.9"},
		{"unix socket", "@", header{xff: []string{"198.51.100.9"}}, nil, "invalid IP"},
	}
	for _, tt := range tests {
		r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{}}
		if tt.header.xff != nil {
			r.Header["X-Forwarded-For"] = tt.header.xff
		}
		if tt.header.fwd != nil {
			r.Header["Forwarded"] = tt.header.fwd
		}
		if got := tt.trusted.Client(r).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Whatever a client writes, the address appended by the proxy is what counts.
func FuzzClient(f *testing.F) {
	f.Add("1.2.3.4", "for=1.2.3.4")
	f.Add("[::1]:80, ,,", `for="[::1"`)
	f.Add(strings.Repeat(",", 100), "for=\"a,b\";by=x")
	f.Add("::ffff:1.2.3.4%eth0", "FOR=unknown")
	trusted := proxies("10.0.0.0/8")
	f.Fuzz(func(t *testing.T, xff, fwd string) {
		r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {xff, "198.51.100.9"}}}
		if got := trusted.Client(r).String(); got != "198.51.100.9" {
			t.Errorf("%q made it %s", xff, got)
		}
		r.Header = http.Header{"Forwarded": {fwd}}
		if a := trusted.Client(r); !a.IsValid() || a.Zone() != "" || a.Is4In6() {
			t.Errorf("%q gave %v", fwd, a)
		}
	})
}
