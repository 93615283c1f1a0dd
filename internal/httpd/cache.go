package httpd

import (
	"container/list"
	"context"
	"net/http"
	"sync"
	"time"
)

// CachePublic lets anybody keep a public answer for a second and use it for
// one more while asking again: a change shows within two.
const CachePublic = "public, max-age=1, stale-while-revalidate=1, stale-if-error=60"

// NoStore is for every answer that depends on who asks.
const NoStore = "no-store"

// publicHeader is CachePublic as a header. Never written to.
var publicHeader = []string{CachePublic}

func cacheHeader(value string) []string {
	if value == CachePublic {
		return publicHeader
	}
	return []string{value}
}

// Rendered is a page before it is encoded.
type Rendered struct {
	ContentType string
	Body        []byte
	Modified    time.Time // zero when unknown
	Once        bool      // hardly anybody will ask for it again: it is packed quickly
}

// How long a page may be served again without asking anything, and how many
// times the time that it took to render, up to double: one that costs much, or
// a machine that has much to do, is rendered half as often; how long a
// rendering under way is shared though something changed, so that a slow
// machine is not asked for the same page four times at once; how long a page is
// served when nothing has changed: pages speak of days; and how long after it
// was last known to be current the old one is served to those who come while
// the new one is rendered, so that nobody waits for a hot page.
const (
	freshFor   = 250 * time.Millisecond
	freshTimes = 20
	sharedFor  = time.Second
	currentFor = 30 * time.Second
	staleFor   = time.Second
)

// Cache keeps rendered public pages. A page is rendered once per generation of
// what the public sees, and at most once in 250 ms, or 500 where that takes
// long, however many change; all who ask meanwhile share the rendering. It is
// safe for concurrent use.
type Cache struct {
	generation func() int64
	now        func() time.Time
	comp       *Compressor
	max        int
	standby    func(context.Context) (context.Context, bool) // nil for none; see ReadFrom
	desks      *desks                                        // where pages are rendered; nil for no bound

	mu      sync.Mutex // guards what follows; held for map look-ups only
	entries map[string]*list.Element
	order   *list.List // of *page, the most lately used first
	size    int
}

// page is one cached answer. ready is closed when it is rendered; the fields
// behind it are then never written again.
type page struct {
	key        string
	ready      chan struct{}
	generation int64
	at         time.Time

	encoded  *Encoded
	modified time.Time
	err      error
	took     time.Duration // to render and pack

	current time.Time // when it was last known to be the newest; guarded by Cache.mu
	before  *page     // what is served while this one is rendered; nil when done, or too old
	counted bool      // its bytes are in Cache.size; guarded by Cache.mu
}

// NewCache makes a cache of about maxBytes. generation is cheap and grows with
// every public change.
func NewCache(maxBytes int64, generation func() int64, now func() time.Time) *Cache {
	return &Cache{generation: generation, now: now, comp: NewCompressor(), max: int(maxBytes),
		entries: make(map[string]*list.Element), order: list.New()}
}

// ReadFrom has pages rendered under the context that standby gives, while it
// gives one: they are read from a replica. What fails so is rendered again
// under the request's own: a replica may cancel a query or not have yet what
// is asked for. Call it before the first Serve.
func (c *Cache) ReadFrom(standby func(context.Context) (context.Context, bool)) { c.standby = standby }

// AtOnce bounds how many pages are rendered at once; the others wait for their
// turn. Rendering is work for a processor: were all begun at once, all would be
// done late, and some very late. Pages that are ready never wait. Call it
// before the first Serve.
func (c *Cache) AtOnce(n int) { c.desks = &desks{free: n} }

// standbyWithin is how long a replica may take for a page: a machine that went
// silent is noticed by it.
const standbyWithin = 2 * time.Second

// render renders from the replica where there is one, else from the primary.
func (c *Cache) render(ctx context.Context, render func(context.Context) (Rendered, error)) (Rendered, error) {
	if c.standby != nil {
		if far, ok := c.standby(ctx); ok {
			far, cancel := context.WithTimeout(far, standbyWithin)
			defer cancel()
			if out, err := render(far); err == nil {
				return out, nil
			}
		}
	}
	return render(ctx)
}

// Serve answers with the page under key, rendering it when the kept one is out
// of date. Errors are not kept. key must hold everything the page depends on.
func (c *Cache) Serve(w http.ResponseWriter, r *http.Request, key, cacheControl string, render func(context.Context) (Rendered, error)) error {
	p, mine := c.find(key)
	if mine {
		c.fill(p, r, render)
	} else {
		p = c.ready(p)
	}
	if !p.done() {
		select {
		case <-p.ready:
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
	if p.err != nil {
		return p.err
	}
	ServeVariants(w, r, p.encoded, cacheControl, p.modified)
	return nil
}

// find returns the page to wait for and whether the caller must render it.
func (c *Cache) find(key string) (p *page, mine bool) {
	gen, now := c.generation(), c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	var before *page
	if e, ok := c.entries[key]; ok {
		p := e.Value.(*page)
		age, fresh := now.Sub(p.at), sharedFor
		if p.done() {
			fresh = min(max(freshFor, freshTimes*p.took), 2*freshFor)
		}
		if p.generation == gen {
			p.current = now
		}
		if age >= 0 && (age < fresh || p.generation == gen && age < currentFor) {
			c.order.MoveToFront(e)
			return p, false
		}
		c.drop(e)
		if p.done() && p.err == nil {
			p.before, before = nil, p
		}
	}
	p = &page{key: key, ready: make(chan struct{}), generation: gen, at: now, current: now, before: before}
	c.entries[key] = c.order.PushFront(p)
	return p, true
}

// ready is p, or the page before it while p is rendered and that one was
// current a moment ago.
func (c *Cache) ready(p *page) *page {
	if p.done() {
		return p
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := p.before; b != nil && c.now().Sub(b.current) < staleFor {
		return b
	}
	return p
}

// done reports whether a page is rendered.
func (p *page) done() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// fill renders p, and packs it as r takes it. The generation was read before, so
// that a change during the rendering makes the page stale, never wrongly current.
func (c *Cache) fill(p *page, r *http.Request, render func(context.Context) (Rendered, error)) {
	defer func() {
		if p.encoded == nil && p.err == nil {
			p.err = http.ErrAbortHandler // render panicked; those who share it must not wait for ever
		}
		p.took = c.now().Sub(p.at)
		close(p.ready)
		c.settle(p)
	}()
	if c.desks != nil {
		c.desks.enter(r.Context())
		defer c.desks.leave(r.Context())
	}
	out, err := c.render(context.WithoutCancel(r.Context()), render)
	if err != nil {
		p.err = err
		return
	}
	pack := c.comp.Variants
	if out.Once {
		pack = c.comp.VariantsOnce
	}
	p.encoded, p.modified = pack(out.ContentType, out.Body), out.Modified
	p.encoded.taken(r)
}

// settle counts a rendered page in, or forgets a failed one, and makes room.
func (c *Cache) settle(p *page) {
	gen, now := c.generation(), c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	p.before = nil
	if p.generation == gen {
		p.current = now
	}
	e, ok := c.entries[p.key]
	if !ok || e.Value.(*page) != p {
		return
	}
	if p.err != nil {
		c.drop(e)
		return
	}
	p.counted = true
	c.size += p.bytes()
	for c.size > c.max && c.order.Len() > 1 {
		c.drop(c.order.Back())
	}
}

// drop forgets an entry. A page that is still being rendered is not counted yet.
func (c *Cache) drop(e *list.Element) {
	p := e.Value.(*page)
	if p.counted {
		c.size -= p.bytes()
	}
	c.order.Remove(e)
	delete(c.entries, p.key)
}

// bytes is about what a page takes with its compressed forms and the entry.
func (p *page) bytes() int { return len(p.encoded.Body())*3/2 + len(p.key) + 512 }
