package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two servers let through together what one alone would: a network that comes
// to both has one rate and not two.
func TestTwoServersShareTheLimits(t *testing.T) {
	dir := t.TempDir()
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	start := func() *app {
		cfg, _, err := loadConfig("", []string{"DAUYS_DATABASE=sqlite:" + filepath.Join(dir, "dauys.db"),
			"DAUYS_KEYS=" + filepath.Join(dir, "keys"), "DAUYS_MAIL=file:" + filepath.Join(dir, "mail")})
		if err != nil {
			t.Fatal(err)
		}
		a, err := newApp(t.Context(), cfg, now, io.Discard, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.store.Close() })
		return a
	}
	// let is how many of many logins from one network are let through, in turns.
	let := func(network string, servers ...*app) (n int) {
		for i := range 40 {
			r := httptest.NewRequest("POST", "http://127.0.0.1:8080/en/desk/login/no-such-link", strings.NewReader(""))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.RemoteAddr = network + ":4000"
			w := httptest.NewRecorder()
			servers[i%len(servers)].handler.ServeHTTP(w, r)
			switch w.Code {
			case http.StatusGone: // no link of ours
				n++
			case http.StatusTooManyRequests:
			default:
				t.Fatalf("answered %d", w.Code)
			}
		}
		return n
	}
	one := start()
	one.sayAlive(t.Context())
	alone := let("192.0.2.1", one)
	if alone == 0 || alone == 40 {
		t.Fatalf("%d of 40 let through by one server: nothing is limited", alone)
	}
	two := start()
	two.sayAlive(t.Context())
	one.sayAlive(t.Context())
	if got := let("198.51.100.1", one, two); got != alone {
		t.Errorf("two servers let %d through, one alone %d", got, alone)
	}
	if err := two.store.Leave(t.Context(), two.holder); err != nil {
		t.Fatal(err)
	}
	one.sayAlive(t.Context())
	if got := let("203.0.113.1", one); got != alone {
		t.Errorf("when the other is gone, %d are let through, before %d", got, alone)
	}
}
