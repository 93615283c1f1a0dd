package httpd

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// handedOver listens and counts how often something is handed to the system.
type handedOver struct {
	siteListener
	times atomic.Int64
}

func (l *handedOver) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	site := newSiteConn(&countedWrites{Conn: c, times: &l.times}, l.now, l.spare)
	site.send = func(both *net.Buffers) (int64, error) {
		l.times.Add(1)
		return both.WriteTo(c)
	}
	return site, nil
}

type countedWrites struct {
	net.Conn
	times *atomic.Int64
}

func (c *countedWrites) Write(p []byte) (int, error) {
	c.times.Add(1)
	return c.Conn.Write(p)
}

// gatherWorld is a server of texts: /page is kept and compressed, /text is
// written for each, /stream in parts of 3,000 bytes that it does not announce,
// /broken whole, and then it panics. ?n is the length and ?head that of a header.
func gatherWorld(t testing.TB) (*handedOver, *httptest.Server) {
	s, _ := testServer(t, nil)
	length := func(r *http.Request) int {
		n, _ := strconv.Atoi(r.FormValue("n"))
		return n
	}
	m := http.NewServeMux()
	route := func(path string, h Handler) {
		m.Handle(path, s.Page(func(w http.ResponseWriter, r *http.Request) error {
			head, _ := strconv.Atoi(r.FormValue("head"))
			w.Header().Set("X-Head", strings.Repeat("h", head))
			w.Header().Set("Content-Type", "application/octet-stream")
			return h(w, r)
		}))
	}
	route("/page", func(w http.ResponseWriter, r *http.Request) error {
		ServeVariants(w, r, s.Variants("application/octet-stream", text(length(r))), CachePublic, time.Time{})
		return nil
	})
	route("/text", func(w http.ResponseWriter, r *http.Request) error {
		_, err := w.Write(text(length(r)))
		return err
	})
	route("/stream", func(w http.ResponseWriter, r *http.Request) error {
		w.(*response).pass()
		for b := text(length(r)); len(b) > 0; {
			k := min(len(b), 3000)
			if _, err := w.Write(b[:k]); err != nil {
				return err
			}
			b = b[k:]
		}
		return nil
	})
	route("/broken", func(w http.ResponseWriter, r *http.Request) error {
		ServeVariants(w, r, s.Variants("application/octet-stream", text(length(r))), CachePublic, time.Time{})
		panic(http.ErrAbortHandler)
	})
	srv := httptest.NewUnstartedServer(s.Wrap(m))
	l := &handedOver{siteListener: siteListener{srv.Listener, time.Now, new(sync.Pool)}}
	srv.Listener, srv.Config.ConnContext = l, withConn
	srv.Config.ErrorLog = nil
	srv.Start()
	t.Cleanup(srv.Close)
	return l, srv
}

// text is n bytes that tell where they belong, and have ends of lines in them.
func text(n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "%d\r\n\r\n", b.Len())
	}
	return b.Bytes()[:n]
}

// An answer arrives as it is, whatever its length and that of its header, one
// after the other on a connection, and one that is whole is handed over once.
func TestAnswersAreHandedOverWhole(t *testing.T) {
	l, srv := gatherWorld(t)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	const usual = 1000 // of a header; with more, net/http writes it in pieces
	length := rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(1000, 1050), rapid.IntRange(2000, 4200), rapid.IntRange(4000, 80_000))
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.SampledFrom([]string{"GET", "GET", "GET", "HEAD"}).Draw(t, "method")
		path := rapid.SampledFrom([]string{"/page", "/text", "/stream"}).Draw(t, "path")
		n, head := length.Draw(t, "n"), rapid.OneOf(rapid.IntRange(0, usual), rapid.IntRange(0, 6000)).Draw(t, "head")
		before := l.times.Load()
		_ = c.SetDeadline(time.Now().Add(10 * time.Second)) // an answer that is held for ever
		fmt.Fprintf(c, "%s %s?n=%d&head=%d HTTP/1.1\r\nHost: x\r\n\r\n", method, path, n, head)
		res, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		want := text(n)
		if method == "HEAD" {
			want = nil
		}
		if err != nil || !bytes.Equal(b, want) || res.StatusCode != 200 {
			t.Fatalf("%d, %d bytes of %d, %v", res.StatusCode, len(b), n, err)
		}
		if times := l.times.Load() - before; path != "/stream" && n <= heldMax && head <= usual && times != 1 {
			t.Fatalf("%s %s of %d bytes behind a header of %d and more was handed over %d times", method, path, n, head, times)
		}
	})
}

// Who is cut off in the middle learns of it: nothing is held for ever.
func TestABrokenAnswerIsNotHeld(t *testing.T) {
	_, srv := gatherWorld(t)
	for _, n := range []int{100, 2500, 3500, 9000} {
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprintf(c, "GET /broken?n=%d HTTP/1.1\r\nHost: x\r\n\r\n", n)
		if b, err := io.ReadAll(c); err != nil || n == 9000 && !bytes.HasSuffix(b, text(n)) {
			t.Errorf("%d bytes: %d arrived, %v", n, len(b), err)
		}
		c.Close()
	}
}

// A page of ten thousand bytes, header and all, over a connection of this machine.
func BenchmarkAnswer(b *testing.B) {
	_, srv := gatherWorld(b)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReaderSize(c, 32<<10)
	for b.Loop() {
		fmt.Fprintf(c, "GET /page?n=9300 HTTP/1.1\r\nHost: x\r\n\r\n")
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
	}
}
