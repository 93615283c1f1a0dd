package httpd

import "strings"

// coding is a content coding we speak, worst first.
type coding int

const (
	identity coding = iota
	gzipped
	brotlied
	codings
)

// negotiate chooses the coding of an answer by Accept-Encoding (RFC 9110,
// 12.5.3): the one with the highest weight, and among equals the smaller result
// or, if quick, the one that is made sooner. A client that accepts nothing we
// have gets identity, which the RFC permits.
func negotiate(values []string, quick bool) coding {
	const unset = -1
	weights := [codings]int{unset, unset, unset}
	star := unset
	for _, v := range values {
		for v != "" {
			var item string
			item, v, _ = strings.Cut(v, ",")
			name, params, _ := strings.Cut(item, ";")
			name = strings.TrimSpace(name)
			switch q := weight(params); {
			case strings.EqualFold(name, "br"):
				weights[brotlied] = q
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				weights[gzipped] = q
			case strings.EqualFold(name, "identity"):
				weights[identity] = q
			case name == "*":
				star = q
			}
		}
	}
	best, top := identity, max(weights[identity], 0)
	for c := gzipped; c < codings; c++ {
		w := weights[c]
		if w == unset {
			w = star
		}
		if w > 0 && (w > top || w == top && !(quick && best == gzipped)) {
			best, top = c, w
		}
	}
	return best
}

// weight is the q parameter in thousandths: 1000 when absent, 0 when it is not
// a weight, for then the client's wish is unknown.
func weight(params string) int {
	for params != "" {
		var p string
		p, params, _ = strings.Cut(params, ";")
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			return thousandths(strings.TrimSpace(value))
		}
	}
	return 1000
}

// thousandths reads a qvalue: 0 to 1 with at most three decimals.
func thousandths(s string) int {
	if s == "" || len(s) > 5 || (s[0] != '0' && s[0] != '1') || (len(s) > 1 && s[1] != '.') {
		return 0
	}
	n := int(s[0]-'0') * 1000
	unit := 100
	for i := 2; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0
		}
		n += int(s[i]-'0') * unit
		unit /= 10
	}
	if n > 1000 {
		return 0
	}
	return n
}
