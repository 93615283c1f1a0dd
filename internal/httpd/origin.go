package httpd

import (
	"fmt"
	"net/http"
	"net/url"
)

// newOrigin refuses unsafe requests that a browser sent from another site.
// The unsubscribe link is exempt: mail programs post to it from anywhere
// (RFC 8058), and its token is all the authority there is.
func newOrigin(public *url.URL) (*http.CrossOriginProtection, error) {
	c := http.NewCrossOriginProtection()
	if err := c.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("httpd: public URL: %w", err)
	}
	c.AddInsecureBypassPattern("POST /u/")
	return c, nil
}

func safeMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// checkOrigin refuses what another site's page made a browser send.
//
// Our own pages say Referrer-Policy: no-referrer, and under it browsers send
// "Origin: null" with a form. Newer ones say Sec-Fetch-Site besides; one that
// does not (an old one, or any over plain http) is treated like a client that
// sends neither, unless it brings a staff session, which is worth forging.
func (s *Server) checkOrigin(r *http.Request) error {
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "null" && s.SessionToken(r) == "" {
		return nil
	}
	if err := s.origin.Check(r); err != nil {
		return fmt.Errorf("%w: %w", ErrCrossSite, err)
	}
	return nil
}
