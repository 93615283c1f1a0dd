package mail

import (
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/petition"
)

// An officer's words cannot become a header, a link of their own or HTML.
func TestALetterAboutDelayIsOneLetter(t *testing.T) {
	c, err := NewComposer(bundle(t), sender())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Langs() {
		m, err := c.Compose(letter.Letter{To: "aigerim@mail.example", Lang: l, Kind: letter.Delay, Args: map[string]string{
			"subject": "Late\r\nBcc: everybody@mail.example", "title": "Lamps\nBcc: x@mail.example", "words": "Sorry.\n<script>alert(1)</script>", "mine": site + "/en/mine/x"}}, "delay-1-1", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(m.Raw), "\r\n\r\n")
		if strings.Contains(head, "\r\nBcc:") || strings.Contains(m.HTML, "<script>") || !strings.Contains(m.Text, "<script>alert(1)</script>") {
			t.Errorf("%s: %s\n%s", l, head, m.HTML)
		}
	}
}

func TestDelaysAreToldInTheReadersLanguage(t *testing.T) {
	d := petition.DelayLetter{Texts: map[petition.Lang]petition.DelayText{"ru": {Subject: "ru"}, "en": {Subject: "en"}}}
	for lang, want := range map[petition.Lang]string{"ru": "ru", "en": "en", "kk": "ru"} {
		if got := d.In(lang, i18n.Langs()...).Subject; got != want {
			t.Errorf("%s reads %s, want %s", lang, got, want)
		}
	}
}
