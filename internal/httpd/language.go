package httpd

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dauys/dauys/internal/i18n"
)

// Lang is the language of the answer: that of the path (/kk, /ru, /en), or
// else the one the browser asks for.
func Lang(r *http.Request) i18n.Lang {
	if l, ok := pathLang(r.URL.Path); ok {
		return l
	}
	return i18n.Match(r.Header.Get("Accept-Language"))
}

// pathLang is the language a path begins with.
func pathLang(path string) (i18n.Lang, bool) {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	for _, l := range i18n.Langs() {
		if first == string(l) {
			return l, true
		}
	}
	return "", false
}

// RedirectToLang sends the reader of a path without language to the same path
// below his. The target starts with /kk, /ru or /en, so it cannot leave the site
// whatever follows. No page has a slash at its end; one that was added, by hand
// or by what makes links of text, is taken away.
func RedirectToLang(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return fmt.Errorf("%w: %s without a language", ErrMethod, r.Method)
	}
	asked := r.URL.EscapedPath()
	target := strings.TrimRight(asked, "/")
	if _, ok := pathLang(r.URL.Path); ok && (target == asked || strings.Count(target, "/") < 2) {
		return ErrNotFound // a redirect would only come back here
	} else if !ok {
		target = "/" + string(i18n.Match(r.Header.Get("Accept-Language"))) + "/" + strings.TrimLeft(target, "/")
	}
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	h := w.Header()
	addVary(h, "Accept-Language")
	h.Set("Cache-Control", "no-cache")
	h.Set("Location", target)
	w.WriteHeader(http.StatusFound)
	return nil
}

// LocalPath returns target if it is a path of this site, or else fallback. For
// "go back to where you were": //host, /\host, schemes and control characters
// would leave the site in one browser or another.
func LocalPath(target, fallback string) string {
	if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") || !cleanText(target) {
		return fallback
	}
	for _, c := range target {
		if c < ' ' || c == 0x7f || c == '\\' {
			return fallback
		}
	}
	return target
}
