package web

import (
	"html"
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/search"
	"github.com/dauys/dauys/petition"
)

// markup writes HTML where a template would be called some hundred times on a
// page. raw is for what stands in this package, text for everything else.
type markup struct{ b strings.Builder }

func (m *markup) raw(s string) { m.b.WriteString(s) }

func (m *markup) text(s string) { m.b.WriteString(html.EscapeString(s)) }

// wordJoiner takes no room and lets no line break beside it.
const wordJoiner = "\u2060"

// unbroken keeps a number and its Kazakh ending on one line, as in "7-ге".
func unbroken(s string) string {
	if !strings.Contains(s, "-") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '-' && i > 0 && s[i-1] >= '0' && s[i-1] <= '9' && i+1 < len(s) && s[i+1] >= utf8.RuneSelf {
			b.WriteString(wordJoiner)
		}
	}
	return b.String()
}

// lang is the attribute of a text that is not in the page's language.
func (m *markup) lang(l petition.Lang) {
	if l != "" {
		m.raw(` lang="`)
		m.text(string(l))
		m.raw(`"`)
	}
}

// pieces are a text with what was searched for marked, or plain where there are none.
func (m *markup) pieces(list []search.Piece, plain string) {
	if list == nil {
		m.text(unbroken(plain))
	}
	for _, p := range list {
		if p.Mark {
			m.raw("<mark>")
			m.text(p.Text)
			m.raw("</mark>")
		} else {
			m.text(unbroken(p.Text))
		}
	}
}

func (m *markup) html() template.HTML { return template.HTML(m.b.String()) } //nolint:gosec // text escapes

// cards are those of one list.
type cards []card

// HTML is all of them.
func (list cards) HTML() template.HTML {
	var m markup
	m.b.Grow(1200 * len(list))
	for i := range list {
		m.card(&list[i])
	}
	return m.html()
}

// HTML is the card.
func (c card) HTML() template.HTML { return cards{c}.HTML() }

// card writes a card. Its look is that of the parts "tag" and "progress".
func (m *markup) card(c *card) {
	m.raw("\n<article class=\"card\">\n<div class=\"card-main\">\n<p class=\"tags\">")
	for _, t := range c.Tags {
		m.raw(`<span class="tag `)
		m.text(t.Kind)
		m.raw(`">`)
		m.text(t.Text)
		m.raw("</span> ")
	}
	m.raw("</p>\n<h3")
	m.lang(c.TitleLang)
	m.raw(`><a href="`)
	m.text(c.URL)
	m.raw(`">`)
	var marks marked
	if c.Marked != nil {
		marks = *c.Marked
	}
	m.pieces(marks.Title, c.Title)
	m.raw("</a></h3>\n")
	if c.Ask != "" {
		m.raw(`<p class="ask"`)
		m.lang(c.TitleLang)
		m.raw(">")
		m.pieces(marks.Ask, c.Ask)
		m.raw("</p>\n")
	}
	if marks.Found != nil {
		m.raw(`<p class="found"><span class="label">`)
		m.text(marks.FoundIn)
		m.raw("</span> <span")
		m.lang(marks.FoundLang)
		m.raw(">")
		m.pieces(marks.Found, "")
		m.raw("</span></p>\n")
	}
	if len(c.Facts) > 0 {
		m.raw(`<p class="meta">`)
		m.text(strings.Join(c.Facts, " · "))
		m.raw("</p>\n")
	}
	m.raw("</div>\n")
	if c.Counts {
		m.cardCount(c)
	}
	m.raw("</article>")
}

func (m *markup) cardCount(c *card) {
	m.raw("<div class=\"card-count\">\n<p class=\"count\"><span class=\"n\">")
	m.text(c.Figure)
	m.raw("</span> ")
	m.text(c.Word)
	m.raw("</p>\n")
	if c.Bar != nil {
		m.bar(*c.Bar)
		m.raw(`<p class="meta">`)
		m.text(c.Next)
		m.raw("</p>\n")
	}
	m.raw("</div>\n")
}

func (m *markup) bar(p progress) {
	m.raw(`<progress class="bar" value="`)
	m.raw(strconv.FormatInt(p.Value, 10))
	m.raw(`" max="`)
	m.raw(strconv.FormatInt(p.Max, 10))
	m.raw(`" aria-label="`)
	m.text(p.Label)
	m.raw(`">`)
	m.text(p.Label)
	m.raw("</progress>\n")
}

// Lines are the answers of a list to unfold. Lists of places have hundreds.
func (c choice) Lines() template.HTML {
	var m markup
	m.b.Grow(64 * len(c.Options))
	for _, o := range c.Options {
		m.raw("\n<option value=\"")
		m.text(o.Value)
		if o.Selected {
			m.raw(`" selected>`)
		} else {
			m.raw(`">`)
		}
		m.text(o.Label)
		m.raw("</option>")
	}
	return m.html()
}
