package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestReadAnswer(t *testing.T) {
	for _, c := range []struct {
		name, raw    string
		status       int
		size         int64
		body, header string
		err          error
	}{
		{name: "length", raw: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, size: 5, body: "hello"},
		{name: "any case, no blank, bare line ends", raw: "HTTP/1.1 200 OK\ncONTENT-length:2\n\nhi", status: 200, size: 2, body: "hi"},
		{name: "no reason", raw: "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", status: 404},
		{name: "not modified", raw: "HTTP/1.1 304 Not Modified\r\nEtag: \"x\"\r\n\r\n", status: 304, header: `"x"`},
		{name: "not modified with the length of what is not sent", raw: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", status: 304},
		{name: "no content", raw: "HTTP/1.1 204 No Content\r\n\r\n", status: 204},
		{name: "chunks", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", status: 200, size: 13, body: "abc0123456789"},
		{name: "chunk without its end", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", err: errAnswer},
		{name: "chunk of no number", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", err: errAnswer},
		{name: "neither length nor chunks", raw: "HTTP/1.1 200 OK\r\n\r\nhello", err: errAnswer},
		{name: "old protocol", raw: "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", err: errAnswer},
		{name: "four digits", raw: "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", err: errAnswer},
		{name: "negative length", raw: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", err: errAnswer},
		{name: "header of no form", raw: "HTTP/1.1 200 OK\r\nnothing\r\n\r\n", err: errAnswer},
		{name: "long line", raw: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 5000) + "\r\n\r\n", err: errAnswer},
		{name: "body broke off", raw: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", err: io.ErrUnexpectedEOF},
		{name: "nothing", raw: "", err: io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, keep := range []bool{true, false} {
				const next = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
				raw := c.raw
				if c.err == nil {
					raw += next
				}
				r := bufio.NewReader(strings.NewReader(raw))
				a, err := readAnswer(r, keep)
				if !errors.Is(err, c.err) {
					t.Fatalf("keep %t: error %v, want %v", keep, err, c.err)
				}
				if err != nil {
					continue
				}
				if a.status != c.status || a.size != c.size {
					t.Errorf("keep %t: status %d with %d bytes, want %d with %d", keep, a.status, a.size, c.status, c.size)
				}
				if keep && (string(a.body) != c.body || a.header["etag"] != c.header) {
					t.Errorf("body %q, ETag %q, want %q and %q", a.body, a.header["etag"], c.body, c.header)
				}
				if b, err := readAnswer(r, false); err != nil || b.status != 201 {
					t.Errorf("keep %t: the next answer is %d, %v: the reader stands at a wrong place", keep, b.status, err)
				}
			}
		})
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		kept, err := readAnswer(bufio.NewReader(strings.NewReader(raw)), true)
		read, err2 := readAnswer(bufio.NewReader(strings.NewReader(raw)), false)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("kept: %v; not kept: %v", err, err2)
		}
		if err == nil && (kept.size != int64(len(kept.body)) || kept.size != read.size || kept.status != read.status) {
			t.Fatalf("kept %d with %d bytes of %d, read %d with %d", kept.status, len(kept.body), kept.size, read.status, read.size)
		}
	})
}

// site answers with its number of requests and counts them.
func site(t *testing.T, h http.HandlerFunc) (addr string, served *atomic.Int64) {
	t.Helper()
	served = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), served
}

func TestLoadCountsEachAnswerOnce(t *testing.T) {
	addr, served := site(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "four") })
	request := get(addr, "/x")
	l := load{addr: addr, conns: 3, want: []int{200}, size: 4}
	r, err := l.run(t.Context(), 50*time.Millisecond, func(int) []byte { return request })
	if err != nil || len(r.lat) == 0 || int64(len(r.lat)) != served.Load() {
		t.Errorf("%d answers of %d requests, %v", len(r.lat), served.Load(), err)
	}
	var left atomic.Int64
	left.Store(100)
	r, err = l.run(t.Context(), 0, func(int) []byte {
		if left.Add(-1) < 0 {
			return nil
		}
		return request
	})
	if err != nil || len(r.lat) != 100 {
		t.Errorf("%d answers, want 100, %v", len(r.lat), err)
	}
}

func TestLoadRefusesAWrongAnswer(t *testing.T) {
	addr, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
			return
		}
		_, _ = io.WriteString(w, "five!")
	})
	l := load{addr: addr, conns: 2, want: []int{200}, size: 4}
	for _, path := range []string{"/gone", "/long"} {
		_, err := l.run(t.Context(), time.Minute, func(int) []byte { return get(addr, path) })
		if err == nil || !strings.Contains(err.Error(), "GET "+path+": answered") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestLoadEndsWithItsContext(t *testing.T) {
	addr, _ := site(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	l := load{addr: addr, conns: 2, want: []int{200}, size: -1}
	if _, err := l.run(ctx, 0, func(int) []byte { return get(addr, "/") }); err == nil {
		t.Error("a run that was cut off says nothing")
	}
}

func TestPostIsAForm(t *testing.T) {
	addr, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.FormValue("email") == "a@people.example" {
			w.Header().Set("Location", "/done")
			w.WriteHeader(http.StatusSeeOther)
		}
	})
	a, err := fetch(t.Context(), addr, post(addr, "/sign", "email=a%40people.example"))
	if err != nil || a.status != 303 || a.header["location"] != "/done" {
		t.Errorf("%+v, %v", a, err)
	}
}
