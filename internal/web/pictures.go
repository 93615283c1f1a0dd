package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/pack"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Cards and posters take milliseconds where pages take microseconds. They are
// made one at a time; who would wait longer than this is asked to come again.
const pictureWait = 3 * time.Second

// maxPictures is how many are kept, of about 30 kB each.
const maxPictures = 200

// pictures keeps what is slow to draw, under everything it shows: while nothing
// on a picture changes it is never drawn again, whatever else happens on the site.
type pictures struct {
	slot chan struct{} // held while one is drawn

	mu    sync.Mutex // guards what follows; held for look-ups only
	kept  map[string][]byte
	order []string // of kept, the oldest first
}

func newPictures() *pictures {
	return &pictures{slot: make(chan struct{}, 1), kept: map[string][]byte{}}
}

func (p *pictures) find(key string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[key]
}

// get is the picture under key, drawn when it is not kept.
func (p *pictures) get(ctx context.Context, key string, drawIt func() ([]byte, error)) ([]byte, error) {
	if b := p.find(key); b != nil {
		return b, nil
	}
	ctx, stop := context.WithTimeout(ctx, pictureWait)
	defer stop()
	select {
	case p.slot <- struct{}{}:
		defer func() { <-p.slot }()
	case <-ctx.Done():
		return nil, fmt.Errorf("web: picture: %w", httpd.ErrOverloaded)
	}
	if b := p.find(key); b != nil {
		return b, nil
	}
	b, err := drawIt()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[key] = b
	if p.order = append(p.order, key); len(p.order) > maxPictures {
		delete(p.kept, p.order[0])
		p.order = slices.Delete(p.order, 0, 1)
	}
	return b, nil
}

// pictureRoutes registers the pictures of a petition. They have no language in
// their path: ?lang= chooses, and without it the petition's own.
func (w *Web) pictureRoutes(mux *http.ServeMux) {
	for name, h := range map[string]httpd.Handler{
		"card.png":   w.picture("card", w.cardPNG),
		"badge.svg":  w.picture("badge", w.badgeSVG),
		"qr.svg":     w.picture("qr", w.codeSVG),
		"qr.png":     w.picture("qr png", w.codePNG),
		"poster.pdf": w.picture("poster", w.posterPDF),
	} {
		mux.Handle("GET /petitions/{n}/"+name, w.server.Page(h))
	}
}

// wish is what a reader asks of a picture.
type wish struct {
	lang  petition.Lang
	plain bool // a poster without the count: a number on paper grows old
}

// drawer makes a picture of a public petition.
type drawer func(context.Context, wish, store.Public) (httpd.Rendered, error)

// picture answers with a picture of a petition that everyone may see; others
// are 404 or 410, as their pages are. Other sites may show it, and are not told
// who looks.
func (w *Web) picture(kind string, make drawer) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		n, err := number(r)
		if err != nil {
			return err
		}
		asked := wish{petition.Lang(r.URL.Query().Get("lang")), r.URL.Query().Get("count") == "no"}
		if !slices.Contains(w.langs(), asked.lang) {
			asked.lang = ""
		}
		h := rw.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		key := fmt.Sprintf("%s %d %s %v", kind, n, asked.lang, asked.plain)
		return w.cache.Serve(rw, r, key, httpd.CachePublic, func(ctx context.Context) (httpd.Rendered, error) {
			v, err := w.public(ctx, n)
			if err != nil {
				return httpd.Rendered{}, err
			}
			x := asked
			if x.lang == "" {
				if x.lang = v.Lang; !slices.Contains(w.langs(), x.lang) {
					x.lang = w.langs()[0]
				}
			}
			return make(ctx, x, v)
		})
	}
}

// langs are the languages of the site's pages.
func (w *Web) langs() []petition.Lang { return Page{Site: w.site}.Alternates() }

// shortLink is the address of a petition without a language: the reader's own
// browser chooses.
func (w *Web) shortLink(n int64) string { return w.url + petitionPath(n) }

// titleFor is the title in letters the font has; the petition's number where it
// has none, or where the text is not shown.
func (w *Web) titleFor(pr *i18n.Printer, v store.Public) string {
	text, _, _ := v.Texts.In(pr.Lang(), fallbacks(v.Lang)...)
	if title, whole := w.font.Writable(text.Title); whole && title != "" {
		return title
	}
	return pr.T("web.petition.no-text", "number", strconv.FormatInt(v.Number, 10))
}

// sentence is the first sentence of a text, without its stop.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, ". ")
	return strings.TrimSuffix(first, ".")
}

// cardOf is what the card of a petition says.
func (w *Web) cardOf(pr *i18n.Printer, v store.Public) draw.Card {
	card := draw.Card{Site: pr.T("web.site"), Title: w.titleFor(pr, v)}
	if tags := w.tags(pr, v, w.now()); len(tags) > 0 {
		card.Stage = tags[len(tags)-1].Text
	}
	if v.State == petition.Open || v.State == petition.Closed {
		card.Number, card.Word = pr.Number(v.Shown), pr.N("web.count.word", v.Shown)
	}
	if bar, next := w.next(pr, v); bar != nil && v.State == petition.Open {
		card.Next, card.Done = next, float64(bar.Value)/float64(bar.Max)
	}
	if w.site.Foreign {
		card.Note = sentence(pr.T("web.footer.notice"))
	}
	return card
}

func (w *Web) cardPNG(ctx context.Context, x wish, v store.Public) (httpd.Rendered, error) {
	card := w.cardOf(w.bundle.Printer(x.lang), v)
	b, err := w.pictures.get(ctx, fmt.Sprintf("card %#v", card), func() ([]byte, error) { return card.Draw(w.font) })
	return httpd.Rendered{ContentType: "image/png", Body: b}, err
}

func (w *Web) badgeSVG(_ context.Context, x wish, v store.Public) (httpd.Rendered, error) {
	pr := w.bundle.Printer(x.lang)
	card := w.cardOf(pr, v)
	text, _, _ := v.Texts.In(x.lang, fallbacks(v.Lang)...)
	if text.Title != "" {
		card.Title = text.Title // the reader's own fonts write it
	}
	b := draw.Badge{Title: card.Title, Number: card.Number, Word: card.Word, Site: card.Site}
	if b.Number == "" {
		b.Word = card.Stage
	}
	return svgImage(b.Draw(w.font)), nil
}

func svgImage(s draw.SVG) httpd.Rendered {
	return httpd.Rendered{ContentType: "image/svg+xml", Body: []byte(s)}
}

func (w *Web) codeSVG(_ context.Context, x wish, v store.Public) (httpd.Rendered, error) {
	q, err := draw.NewQR(w.shortLink(v.Number))
	if err != nil {
		return httpd.Rendered{}, err
	}
	return svgImage(q.SVG(w.bundle.Printer(x.lang).T("share.qr.alt", "link", w.shortLink(v.Number)))), nil
}

func (w *Web) codePNG(_ context.Context, _ wish, v store.Public) (httpd.Rendered, error) {
	q, err := draw.NewQR(w.shortLink(v.Number))
	if err != nil {
		return httpd.Rendered{}, err
	}
	b, err := q.PNG(16)
	return httpd.Rendered{ContentType: "image/png", Body: b}, err
}

func (w *Web) posterPDF(ctx context.Context, x wish, v store.Public) (httpd.Rendered, error) {
	pr := w.bundle.Printer(x.lang)
	text, _, _ := v.Texts.In(x.lang, fallbacks(v.Lang)...)
	p := pack.Poster{Site: pr.T("web.site"), Kind: pr.T("kind." + string(v.Kind)), Title: w.titleFor(pr, v), Ask: text.Ask,
		Link: w.shortLink(v.Number), Operator: w.site.Operator.Name, Foreign: w.site.Foreign}
	if ask, whole := w.font.Writable(text.Ask); !whole {
		p.Ask = ""
	} else {
		p.Ask = ask
	}
	today := w.lawOf(v.Petition).Today(w.now())
	if counts := v.State == petition.Open || v.State == petition.Closed; counts && !x.plain {
		p.Count = pr.N("poster.count", v.Shown, "date", today)
	}
	p.Now = today.Midnight(time.UTC)
	b, err := w.pictures.get(ctx, fmt.Sprintf("poster %s %q", x.lang, []any{p.Site, p.Kind, p.Title, p.Ask, p.Link, p.Operator, p.Foreign, p.Count}),
		func() ([]byte, error) { return p.PDF(pr) })
	return httpd.Rendered{ContentType: "application/pdf", Body: b}, err
}
