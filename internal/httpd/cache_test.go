package httpd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"
)

// cacheWorld is a cache with a generation and a count of renderings. Inside a
// synctest bubble its clock is the bubble's.
type cacheWorld struct {
	*Cache
	generation atomic.Int64
	rendered   atomic.Int64
	slow       time.Duration // how long a rendering takes
	size       int           // bytes of a page
	err        error         // what rendering fails with
}

func newCacheWorld(maxBytes int64) *cacheWorld {
	w := &cacheWorld{size: 100}
	w.Cache = NewCache(maxBytes, w.generation.Load, time.Now)
	return w
}

// render makes a page that says which rendering of which generation it is.
func (w *cacheWorld) render(context.Context) (Rendered, error) {
	n, gen := w.rendered.Add(1), w.generation.Load()
	time.Sleep(w.slow)
	body := fmt.Appendf(nil, "generation %d, rendering %d\n", gen, n)
	return Rendered{ContentType: "text/html; charset=utf-8", Body: append(body, bytes.Repeat([]byte("x"), w.size)...)}, w.err
}

func (w *cacheWorld) ask(key, method string, header ...string) (*httptest.ResponseRecorder, error) {
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	err := w.Serve(rec, r, key, CachePublic, w.render)
	return rec, err
}

// body is the first line of the page under key.
func (w *cacheWorld) body(t *testing.T, key string) string {
	t.Helper()
	rec, err := w.ask(key, http.MethodGet)
	if err != nil || rec.Code != http.StatusOK {
		t.Fatalf("%s: %d, %v", key, rec.Code, err)
	}
	line, _, _ := strings.Cut(rec.Body.String(), "\n")
	return line
}

func (w *cacheWorld) renderings(t *testing.T, want int64) {
	t.Helper()
	if got := w.rendered.Load(); got != want {
		t.Errorf("rendered %d times, want %d", got, want)
	}
}

func TestManyShareOneRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.slow = 100 * time.Millisecond
		var wg sync.WaitGroup
		for i := range 300 {
			wg.Go(func() {
				time.Sleep(time.Duration(i%90) * time.Millisecond) // some come while it is rendered
				if got := w.body(t, "home"); got != "generation 0, rendering 1" {
					t.Errorf("got %q", got)
				}
			})
		}
		wg.Wait()
		w.renderings(t, 1)
		if w.body(t, "other"); w.rendered.Load() != 2 {
			t.Error("another key shares the page")
		}
	})
}

// So many pages are rendered at once and no more, the first to come first;
// pages that are ready do not wait for them.
func TestRenderingsWaitInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.AtOnce(2)
		w.body(t, "ready")
		w.slow = time.Second
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				time.Sleep(time.Duration(i+1) * time.Millisecond)
				w.body(t, fmt.Sprint("page ", i))
				took := time.Since(begin).Truncate(100 * time.Millisecond)
				if want := time.Duration(i/2+1) * time.Second; took != want {
					t.Errorf("page %d after %s, want %s", i, took, want)
				}
			})
		}
		time.Sleep(500 * time.Millisecond)
		w.renderings(t, 1+2)
		if w.body(t, "ready"); time.Since(begin) != 500*time.Millisecond {
			t.Error("a page that was ready waited")
		}
		wg.Wait()
	})
}

// A rendering that panics gives its place back.
func TestAPanicKeepsNoPlace(t *testing.T) {
	w := newCacheWorld(1 << 20)
	w.AtOnce(1)
	func() {
		defer func() { _ = recover() }()
		_ = w.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), "bad", CachePublic,
			func(context.Context) (Rendered, error) { panic("bad") })
	}()
	w.body(t, "good")
}

func TestAChangeShowsAfterAQuarterOfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.body(t, "home")
		for range 249 {
			time.Sleep(time.Millisecond)
			w.generation.Add(1)
			w.body(t, "home")
		}
		w.renderings(t, 1)
		time.Sleep(time.Millisecond)
		if got := w.body(t, "home"); got != "generation 249, rendering 2" {
			t.Errorf("after 250 ms: %q", got)
		}
		w.renderings(t, 2)
	})
}

// A page that takes long is rendered half as often while all changes, and what
// changed is still seen within a second.
func TestADearPageIsRenderedTwiceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.slow = 50 * time.Millisecond
		w.body(t, "home")
		for range 449 {
			time.Sleep(time.Millisecond)
			w.generation.Add(1)
			w.body(t, "home")
		}
		w.renderings(t, 1)
		time.Sleep(time.Millisecond)
		if got := w.body(t, "home"); got != "generation 449, rendering 2" {
			t.Errorf("after half a second: %q", got)
		}
	})
}

func TestAnUnchangedPageIsRenderedTwiceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.body(t, "home")
		time.Sleep(30*time.Second - time.Millisecond)
		w.body(t, "home")
		w.renderings(t, 1)
		time.Sleep(time.Millisecond)
		w.body(t, "home")
		w.renderings(t, 2)
	})
}

func TestAClockThatWasSetBackKeepsNoPage(t *testing.T) {
	now := time.Now()
	w := newCacheWorld(1 << 20)
	w.now = func() time.Time { return now }
	w.body(t, "home")
	now = now.Add(-time.Hour)
	w.body(t, "home")
	w.renderings(t, 2)
}

// A change while the page is rendered must not be taken for rendered.
func TestAChangeDuringTheRenderingIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.slow = 200 * time.Millisecond
		go func() { time.Sleep(100 * time.Millisecond); w.generation.Add(1) }()
		if got := w.body(t, "home"); got != "generation 0, rendering 1" {
			t.Errorf("got %q", got)
		}
		time.Sleep(300 * time.Millisecond)
		if got := w.body(t, "home"); got != "generation 1, rendering 2" {
			t.Errorf("the old page stays: %q", got)
		}
	})
}

// A machine so slow that a page takes most of a second must not be asked for
// it again and again meanwhile.
func TestASlowRenderingIsNotDoubled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.slow = 900 * time.Millisecond
		var wg sync.WaitGroup
		for range 180 {
			w.generation.Add(1)
			wg.Go(func() { _, _ = w.ask("home", http.MethodGet) })
			time.Sleep(10 * time.Millisecond)
		}
		wg.Wait()
		w.renderings(t, 2)
		w.slow = 5 * time.Second // one that hangs is not waited for by all who come
		go w.ask("home", http.MethodGet)
		synctest.Wait() // it has begun
		time.Sleep(time.Second)
		w.generation.Add(1)
		w.slow = 0
		if got := w.body(t, "home"); got != "generation 181, rendering 4" {
			t.Errorf("behind one that hangs: %q", got)
		}
		time.Sleep(5 * time.Second)
		w.weigh(t)
	})
}

func TestErrorsAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.err, w.slow = errors.New("the database is away"), time.Millisecond
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if rec, err := w.ask("home", http.MethodGet); !errors.Is(err, w.err) || rec.Body.Len() > 0 || len(rec.Header()) > 0 {
					t.Errorf("%v, %d bytes, header %v", err, rec.Body.Len(), rec.Header())
				}
			})
		}
		wg.Wait()
		w.renderings(t, 1)
		w.err = nil
		if got := w.body(t, "home"); got != "generation 0, rendering 2" {
			t.Errorf("got %q", got)
		}
		if n := len(w.entries); n != 1 {
			t.Errorf("%d entries", n)
		}
	})
}

func TestAPanicLeavesNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		var wg sync.WaitGroup
		var panics, errs atomic.Int64
		for range 10 {
			wg.Go(func() {
				defer func() {
					if recover() != nil {
						panics.Add(1)
					}
				}()
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				err := w.Serve(httptest.NewRecorder(), r, "home", CachePublic, func(context.Context) (Rendered, error) {
					time.Sleep(time.Second)
					panic("a template is wrong")
				})
				if err != nil {
					errs.Add(1)
				}
			})
		}
		wg.Wait()
		if panics.Load() != 1 || errs.Load() != 9 {
			t.Errorf("%d panics and %d errors, want 1 and 9", panics.Load(), errs.Load())
		}
		if got := w.body(t, "home"); got != "generation 0, rendering 1" {
			t.Errorf("and then %q", got)
		}
	})
}

func TestWhoLeavesStopsNoRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.slow = time.Second
		ctx, leave := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer leave()
		var wg sync.WaitGroup
		wg.Go(func() {
			r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx)
			_ = w.Serve(httptest.NewRecorder(), r, "home", CachePublic, func(ctx context.Context) (Rendered, error) {
				out, err := w.render(ctx)
				return out, errors.Join(err, ctx.Err()) // the first one left, the others want the page
			})
		})
		synctest.Wait()
		wg.Go(func() {
			r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx)
			if err := w.Serve(httptest.NewRecorder(), r, "home", CachePublic, w.render); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("one who left: %v", err)
			}
		})
		wg.Go(func() {
			if got := w.body(t, "home"); got != "generation 0, rendering 1" {
				t.Errorf("one who stayed: %q", got)
			}
		})
		wg.Wait()
	})
}

func TestTheCacheMakesRoom(t *testing.T) {
	w := newCacheWorld(10_000) // a page takes 100*3/2 + 512 and its key
	for i := range 50 {
		w.body(t, fmt.Sprintf("page %d", i))
		w.body(t, "page 0") // used all the time
	}
	if w.Cache.size > 10_000 || len(w.entries) < 10 {
		t.Errorf("%d pages, %d bytes", len(w.entries), w.Cache.size)
	}
	w.renderings(t, 50) // page 0 once
	before := w.rendered.Load()
	w.body(t, "page 0")
	w.body(t, "page 49")
	w.renderings(t, before)
	w.body(t, "page 1")
	w.renderings(t, before+1)
	w.size = 50_000
	for range 3 {
		w.body(t, "huge") // larger than the cache, and served
	}
	w.size = 100
	w.body(t, "small")
	if w.Cache.size > 10_000 {
		t.Errorf("%d bytes after a huge page", w.Cache.size)
	}
}

// The size is that of what is kept, whatever happens, and entries and order agree.
func TestTheSizeNeverDrifts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.Int64Range(0, 8000).Draw(rt, "limit")
		steps := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 60).Draw(rt, "steps")
		keys := rapid.SliceOfN(rapid.IntRange(0, 6), 60, 60).Draw(rt, "keys")
		sizes := rapid.SliceOfN(rapid.IntRange(0, 3000), 60, 60).Draw(rt, "sizes")
		synctest.Test(t, func(t *testing.T) {
			w := newCacheWorld(limit)
			var wg sync.WaitGroup
			for i, step := range steps {
				switch step {
				case 0:
					w.generation.Add(1)
				case 1:
					time.Sleep(time.Duration(sizes[i]) * time.Millisecond)
				default:
					wg.Go(func() { w.odd(fmt.Sprint(keys[i]), step, sizes[i]) })
				}
				w.weigh(t)
			}
			wg.Wait()
			w.weigh(t)
			if w.Cache.size > int(limit) && len(w.entries) > 1 {
				t.Errorf("%d bytes in %d pages, at most %d", w.Cache.size, len(w.entries), limit)
			}
		})
	})
}

// odd asks for a page whose rendering may take long, fail or panic.
func (w *cacheWorld) odd(key string, step, size int) {
	defer func() { _ = recover() }()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	_ = w.Serve(httptest.NewRecorder(), r, key, CachePublic, func(context.Context) (Rendered, error) {
		time.Sleep(time.Duration(size%7) * 100 * time.Millisecond)
		switch step {
		case 2:
			return Rendered{}, io.ErrUnexpectedEOF
		case 3:
			panic("a template is wrong")
		}
		return Rendered{ContentType: "text/plain", Body: make([]byte, size)}, nil
	})
}

func (w *cacheWorld) weigh(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	sum := 0
	for e := w.order.Front(); e != nil; e = e.Next() {
		p := e.Value.(*page)
		if p.counted {
			sum += p.bytes()
		}
		if w.entries[p.key] != e {
			t.Errorf("%s is in the order and not under its key", p.key)
		}
	}
	if sum != w.Cache.size || w.order.Len() != len(w.entries) {
		t.Errorf("size %d, pages weigh %d; %d in order, %d by key", w.Cache.size, sum, w.order.Len(), len(w.entries))
	}
}

func TestCachedPagesSpeakHTTP(t *testing.T) {
	w := newCacheWorld(1 << 20)
	w.size = 5000
	plain, err := w.ask("home", http.MethodGet)
	if err != nil {
		t.Fatal(err)
	}
	want := plain.Body.String()
	tags := map[string]bool{}
	for coding, reader := range map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		rec, err := w.ask("home", http.MethodGet, "Accept-Encoding", coding)
		if err != nil {
			t.Fatal(err)
		}
		h := rec.Header()
		if h.Get("Content-Encoding") != coding || h.Get("Vary") != "Accept-Encoding" || h.Get("Cache-Control") != CachePublic || h.Get("Content-Length") != fmt.Sprint(rec.Body.Len()) {
			t.Errorf("%q: header %v", coding, h)
		}
		head, err := w.ask("home", http.MethodHead, "Accept-Encoding", coding)
		if err != nil || head.Body.Len() != 0 || head.Code != http.StatusOK || head.Header().Get("Content-Length") != h.Get("Content-Length") || head.Header().Get("Etag") != h.Get("Etag") {
			t.Errorf("%q: HEAD %d %v, %v", coding, head.Code, head.Header(), err)
		}
		same, err := w.ask("home", http.MethodGet, "Accept-Encoding", coding, "If-None-Match", h.Get("Etag"))
		if err != nil || same.Code != http.StatusNotModified || same.Body.Len() != 0 || same.Header().Get("Etag") != h.Get("Etag") || same.Header().Get("Cache-Control") != CachePublic {
			t.Errorf("%q: 304 is %d %v, %v", coding, same.Code, same.Header(), err)
		}
		r, err := reader(rec.Body)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != want {
			t.Errorf("%q: %d bytes of %d, %v", coding, len(b), len(want), err)
		}
		if tag := h.Get("Etag"); tag == "" || tags[tag] {
			t.Errorf("%q: tag %q is another coding's", coding, tag)
		}
		tags[h.Get("Etag")] = true
	}
	w.renderings(t, 1)
}

func TestACachedPageKnowsWhenItChanged(t *testing.T) {
	w := newCacheWorld(1 << 20)
	modified := time.Date(2026, 11, 23, 12, 0, 0, 500, time.UTC)
	ask := func(since string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("If-Modified-Since", since)
		rec := httptest.NewRecorder()
		err := w.Serve(rec, r, "list", CachePublic, func(context.Context) (Rendered, error) {
			return Rendered{ContentType: "application/json", Body: []byte("{}"), Modified: modified}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	first := ask("")
	if got := first.Header().Get("Last-Modified"); first.Code != http.StatusOK || got != "Mon, 23 Nov 2026 12:00:00 GMT" {
		t.Errorf("%d, modified %q", first.Code, got)
	}
	if rec := ask("Mon, 23 Nov 2026 12:00:00 GMT"); rec.Code != http.StatusNotModified {
		t.Errorf("unchanged: %d", rec.Code)
	}
	if rec := ask("Mon, 23 Nov 2026 11:59:59 GMT"); rec.Code != http.StatusOK {
		t.Errorf("changed: %d", rec.Code)
	}
}
