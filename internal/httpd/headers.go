package httpd

import (
	"net/http"
	"slices"
)

const (
	policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
	permissions = "browsing-topics=(), camera=(), geolocation=(), microphone=(), payment=(), usb=()"
)

// headers are the values every answer carries, made once. The slices are
// shared between answers and must not be changed in place; Set and Add of
// http.Header do not.
type headers struct {
	csp, referrer, sniff, permissions, opener, resource, hsts []string
}

func newHeaders(https bool) headers {
	h := headers{
		csp:         []string{policy + "'none'"},
		referrer:    []string{"no-referrer"},
		sniff:       []string{"nosniff"},
		permissions: []string{permissions},
		opener:      []string{"same-origin"},
		resource:    []string{"same-origin"},
	}
	if https {
		h.hsts = []string{"max-age=31536000"}
	}
	return h
}

// set assigns in place: the names are canonical, and nothing is allocated.
func (hs *headers) set(h http.Header) {
	h["Content-Security-Policy"] = hs.csp
	h["Referrer-Policy"] = hs.referrer
	h["X-Content-Type-Options"] = hs.sniff
	h["Permissions-Policy"] = hs.permissions
	h["Cross-Origin-Opener-Policy"] = hs.opener
	h["Cross-Origin-Resource-Policy"] = hs.resource
	if hs.hsts != nil {
		h["Strict-Transport-Security"] = hs.hsts
	}
}

// AllowFraming lets other sites show this answer in a frame. For embeds only:
// a page with a form in it could be laid under somebody's click.
func AllowFraming(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy+"*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("Cross-Origin-Opener-Policy")
}

// dataPolicy lets nothing in that a browser would load, should one show the answer.
var dataPolicy = []string{"default-src 'none'; frame-ancestors 'none'"}

// Data marks this answer as one that programs read. It loads nothing, so that a
// policy for what documents load, use and open says nothing there, and costs
// every poll of a count its share.
func Data(w http.ResponseWriter) {
	h := w.Header()
	h["Content-Security-Policy"] = dataPolicy
	delete(h, "Permissions-Policy")
	delete(h, "Cross-Origin-Opener-Policy")
}

// addVary adds name to Vary unless it is there.
func addVary(h http.Header, name string) {
	if slices.Contains(h["Vary"], name) {
		return
	}
	h["Vary"] = append(slices.Clip(h["Vary"]), name)
}
