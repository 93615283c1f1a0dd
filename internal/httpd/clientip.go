package httpd

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops bounds how much of a forwarding header is read; real chains have two or three.
const maxHops = 16

// Proxies are the networks whose word on the client's address is taken.
type Proxies []netip.Prefix

// Client is the address the request came from: the peer's, or, when the peer
// is a trusted proxy, the right-most address in X-Forwarded-For (or Forwarded,
// RFC 7239) that is not a trusted proxy itself. What stands further left was
// written by the client. When both headers are there and differ, one of them
// is the client's invention: the proxy's own address is returned.
//
// The zero Addr means unknown: a Unix socket with no proxy named.
func (p Proxies) Client(r *http.Request) netip.Addr {
	peer, ok := hopAddr(r.RemoteAddr)
	if len(p) == 0 || ok && !p.trusts(peer) {
		return peer
	}
	xff, fwd := r.Header["X-Forwarded-For"], r.Header["Forwarded"]
	switch {
	case len(xff) > 0 && len(fwd) > 0:
		a, b := p.rightmost(peer, hops(xff)), p.rightmost(peer, forwardedFor(fwd))
		if a != b {
			return peer
		}
		return a
	case len(xff) > 0:
		return p.rightmost(peer, hops(xff))
	}
	return p.rightmost(peer, forwardedFor(fwd))
}

// ClientAddr is the address the request came from. Keep it no longer than the request.
func (s *Server) ClientAddr(r *http.Request) netip.Addr { return s.proxies.Client(r) }

func (p Proxies) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(x netip.Prefix) bool { return x.Contains(a) })
}

// rightmost walks from the nearest hop outwards while hops are trusted. A hop
// that is no address ends the walk at the last address known.
func (p Proxies) rightmost(peer netip.Addr, chain []string) netip.Addr {
	client := peer
	for _, hop := range slices.Backward(chain) {
		a, ok := hopAddr(hop)
		if !ok {
			return client
		}
		client = a
		if !p.trusts(a) {
			return client
		}
	}
	return client
}

// hops splits list headers into their last maxHops members.
func hops(values []string) []string {
	var all []string
	for _, v := range slices.Backward(values) {
		for v != "" && len(all) < maxHops {
			i := strings.LastIndexByte(v, ',')
			all = append(all, strings.TrimSpace(v[i+1:]))
			v = v[:max(i, 0)]
		}
	}
	slices.Reverse(all)
	return all
}

// forwardedFor is the for= parameter of each member of Forwarded headers; ""
// where a member has none. A quoted comma cannot stand in an address, so it
// may split a member: the pieces are then no addresses and end the walk.
func forwardedFor(values []string) []string {
	members := hops(values)
	for i, m := range members {
		members[i] = ""
		for param := range strings.SplitSeq(m, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
			if strings.EqualFold(name, "for") {
				members[i] = strings.Trim(value, `"`)
			}
		}
	}
	return members
}

// hopAddr reads an address with or without port and brackets. IPv4 within
// IPv6 becomes IPv4, and a zone is dropped.
func hopAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), true
}
