package httpd

import (
	"net/http"
	"time"
)

// The staff cookie. Browsers take a __Host- cookie only with Secure, and
// refuse Secure cookies over plain http, which is allowed on loopback only.
const (
	secureCookie = "__Host-dauys"
	plainCookie  = "dauys-desk"
)

func (s *Server) cookie(value string, maxAge int) *http.Cookie {
	c := &http.Cookie{ //nolint:gosec // Secure wherever the public URL is https
		Name: plainCookie, Value: value, Path: "/", MaxAge: maxAge,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if s.secure {
		c.Name = secureCookie
	}
	return c
}

// SetSession gives the browser a staff session for maxAge. The token must be
// made of cookie characters; whoever keeps sessions makes and checks it.
func (s *Server) SetSession(w http.ResponseWriter, token string, maxAge time.Duration) {
	w.Header().Set("Cache-Control", "no-store")
	http.SetCookie(w, s.cookie(token, max(1, int(maxAge/time.Second))))
}

// ClearSession takes the staff session from the browser.
func (s *Server) ClearSession(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	http.SetCookie(w, s.cookie("", -1))
}

// SessionToken is the token of the staff session, or "".
func (s *Server) SessionToken(r *http.Request) string {
	name := plainCookie
	if s.secure {
		name = secureCookie
	}
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
