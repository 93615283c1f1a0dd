package web

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// preview is how a page looks where somebody shares its address.
type preview struct {
	Title, Description string
	URL                string
	Image, Alt         string
	Width, Height      int
	Locale             string
}

// locales are the languages as the Open Graph protocol names them.
var locales = map[petition.Lang]string{"kk": "kk_KZ", "ru": "ru_RU", "en": "en_GB"}

// previewOf is the preview of a petition's page.
func (w *Web) previewOf(l petition.Lang, v store.Public) *preview {
	pr := w.bundle.Printer(l)
	text, _, _ := v.Texts.In(l, fallbacks(v.Lang)...)
	card := w.cardOf(pr, v)
	title := text.Title
	if title == "" {
		title = card.Title
	}
	alt := strings.Join(nonEmpty(title, strings.TrimSpace(card.Number+" "+card.Word), card.Stage), " · ")
	return &preview{Title: title, Description: text.Ask, URL: w.url + "/" + string(l) + petitionPath(v.Number),
		Image: w.shortLink(v.Number) + "/card.png?lang=" + string(l), Alt: alt, Width: draw.CardWidth, Height: draw.CardHeight, Locale: locales[l]}
}

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// shareView is the way from a petition's page to others.
type shareView struct {
	Link, Page string   // the short address; the page with everything to share
	Code       draw.SVG // for print
}

func (w *Web) shareOf(l petition.Lang, v store.Public) (*shareView, error) {
	q, err := w.codes.get(w.shortLink(v.Number))
	if err != nil {
		return nil, err
	}
	pr := w.bundle.Printer(l)
	return &shareView{Link: w.shortLink(v.Number), Page: "/" + string(l) + petitionPath(v.Number) + "/share",
		Code: q.SVG(pr.T("share.qr.alt", "link", w.shortLink(v.Number)))}, nil
}

// shareText is words to copy in one language.
type shareText struct {
	Lang petition.Lang
	Text string
}

// shareLink leads to where a message is written. Nothing of it is loaded here.
type shareLink struct{ Name, URL string }

// poster is a sheet to print.
type poster struct {
	Lang       petition.Lang
	URL, Plain string // with the count of today, and without
}

type shareData struct {
	Page
	Number         string
	PetitionTitle  string
	TitleLang      petition.Lang
	Back           string
	Link           string
	Message        string
	Links          []shareLink
	Code           draw.SVG
	Posters        []poster
	Texts          []shareText
	Embed, EmbedAt string
	Badge, BadgeAt string
	BadgeAlt       string
	Card           string
	CardAlt        string
	Counts         bool
}

// getShare is the page with everything somebody needs to tell others of a
// petition. It asks nothing of other sites and counts nobody.
func (w *Web) getShare(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		n, err := number(r)
		if err != nil {
			return err
		}
		return w.cached(rw, r, l, "share "+strconv.FormatInt(n, 10), func(ctx context.Context) (view, error) {
			v, err := w.public(ctx, n)
			if err != nil {
				return view{}, err
			}
			return w.share(l, v)
		})
	}
}

func (w *Web) share(l petition.Lang, v store.Public) (view, error) {
	pr := w.bundle.Printer(l)
	n := strconv.FormatInt(v.Number, 10)
	look := w.previewOf(l, v)
	d := shareData{Page: w.page(l, petitionPath(v.Number)+"/share", pr.T("share.title")), Number: n, PetitionTitle: look.Title,
		Back: "/" + string(l) + petitionPath(v.Number), Link: w.shortLink(v.Number), Card: petitionPath(v.Number) + "/card.png?lang=" + string(l),
		CardAlt: look.Alt, Counts: v.State == petition.Open || v.State == petition.Closed}
	d.Active, d.NoIndex = "petitions", true
	if _, of, own := v.Texts.In(l, fallbacks(v.Lang)...); !own {
		d.TitleLang = of
	}
	view0, err := w.shareOf(l, v)
	if err != nil {
		return view{}, err
	}
	d.Code = view0.Code
	for _, x := range w.langs() {
		p := w.bundle.Printer(x)
		text, _, _ := v.Texts.In(x, fallbacks(v.Lang)...)
		title := text.Title
		if title == "" {
			title = p.T("web.petition.no-text", "number", n)
		}
		words := p.T("share.message.open", "title", title, "link", d.Link)
		if v.State != petition.Open {
			words = p.T("share.message", "title", title, "link", d.Link)
		}
		d.Texts = append(d.Texts, shareText{x, words})
		if x == l {
			d.Message = words
		}
		at := petitionPath(v.Number) + "/poster.pdf?lang=" + string(x)
		d.Posters = append(d.Posters, poster{Lang: x, URL: at, Plain: at + "&count=no"})
	}
	if d.Message == "" && len(d.Texts) > 0 {
		d.Message = d.Texts[0].Text
	}
	d.Links = shareLinks(pr.T("share.mail"), look.Title, d.Message, d.Link)
	d.EmbedAt = d.Back + "/embed"
	d.Embed = fmt.Sprintf(`<iframe src="%s" title="%s" width="100%%" height="420" loading="lazy"></iframe>`,
		html.EscapeString(w.url+d.EmbedAt), html.EscapeString(look.Title))
	d.BadgeAt, d.BadgeAlt = petitionPath(v.Number)+"/badge.svg?lang="+string(l), look.Alt
	d.Badge = fmt.Sprintf(`<a href="%s"><img src="%s" alt="%s" width="340" height="84"></a>`,
		html.EscapeString(d.Link), html.EscapeString(w.url+d.BadgeAt), html.EscapeString(look.Title))
	return view{"share", d}, nil
}

// shareLinks are plain links; a reader who does not follow them tells nobody.
func shareLinks(mail, title, message, link string) []shareLink {
	q := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	return []shareLink{
		{mail, "mailto:?subject=" + q(title) + "&body=" + q(message)},
		{"WhatsApp", "https://wa.me/?text=" + q(message)},
		{"Telegram", "https://t.me/share/url?url=" + q(link) + "&text=" + q(title)},
	}
}
