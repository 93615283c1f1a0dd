package mail

import (
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
)

// injections are what somebody may write into any field, hoping for a header, a
// recipient, a part or a link of their own.
var injections = []string{
	"x\r\nBcc: all@mail.example\r\n\r\nbody", "x\nBcc: all@mail.example", "x\rBcc: all@mail.example", "x\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<h1>y</h1>",
	"x\u2028Bcc: all@mail.example", "x\u0085Bcc: all@mail.example", "x\x00Bcc: all@mail.example", "=?utf-8?q?x=0D=0ABcc:_all=40mail.example?=",
	"x%0d%0aBcc: all@mail.example", "x\r\n Bcc: folded@mail.example", "x\r\n.\r\nMAIL FROM:<y@mail.example>", "<all@mail.example>, y", `x" <all@mail.example>`,
	"x\u202emoc.live//:sptth", strings.Repeat("y", 200) + "\r\nBcc: all@mail.example",
}

// Whatever any argument of any letter holds, in any language, the letter has
// the headers, the recipient and the parts that it has without it, no line of a
// header is longer than the standard's 998, and an argument that is a link and
// holds anything else stops the letter.
func TestNoArgumentOfALetterAddsAHeader(t *testing.T) {
	from := sender()
	c := composer(t, from)
	header := func(m Message) []string { return slices.Sorted(maps.Keys(parse(t, m.Raw).header)) }
	texts := []string{"title", "reason", "note", "stage", "headline", "words", "subject", "member", "ref"}
	for k, kind := range letter.Kinds() {
		clean := header(first(c.Preview(kind, i18n.English)))
		for i, bad := range injections {
			lang := i18n.Langs()[(i+k)%3]
			a := previewArgs(lang)
			for _, name := range texts {
				a[name] = bad
			}
			m, err := c.Compose(letter.Letter{To: "a@mail.example", Lang: lang, Kind: kind, Args: a}, "uid", time.Unix(0, 0))
			if err != nil {
				t.Errorf("%s with %q: %v", kind, bad, err)
				continue
			}
			p := parse(t, m.Raw)
			if got := header(m); !slices.Equal(got, clean) {
				t.Errorf("%s with %q: headers %q", kind, bad, got)
			}
			if to, err := p.header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "a@mail.example" {
				t.Errorf("%s with %q goes to %v, %v", kind, bad, to, err)
			}
			wholeLines(t, m.Raw)
		}
		for _, name := range []string{"link", "mine", "share", "page", "unsubscribe"} {
			a := previewArgs(i18n.English)
			a[name] += "\r\nBcc: all@mail.example"
			if m, err := c.Compose(letter.Letter{To: "a@mail.example", Lang: i18n.English, Kind: kind, Args: a}, "uid", time.Unix(0, 0)); err == nil && strings.Contains(string(m.Raw), "all@mail") {
				t.Errorf("%s has a bad %s as a link", kind, name)
			}
		}
	}
}

// wholeLines demands that every line ends with CRLF and is short enough to be sent.
func wholeLines(t *testing.T, raw []byte) {
	t.Helper()
	for line := range strings.SplitAfterSeq(string(raw), "\n") {
		if line != "" && !strings.HasSuffix(line, "\r\n") || strings.Count(line, "\r") > 1 || len(line) > 1000 {
			t.Fatalf("a line of the letter is %.200q", line)
		}
	}
}

// Nobody is written to at an address that is more than one, and the operator's
// own name is no header either.
func TestNoAddressOrSenderAddsAHeader(t *testing.T) {
	c := composer(t, sender())
	for _, to := range append([]string{"a@mail.example, b@mail.example", "a@mail.example\r\nBcc: b@mail.example", "A <a@mail.example>", "a@mail.example\n", " a@mail.example",
		"a@mail.example\x00", "a@mail.example;b@mail.example", ""}, injections...) {
		if _, err := c.Compose(letter.Letter{To: to, Lang: "en", Kind: letter.Org, Args: previewArgs("en")}, "uid", time.Unix(0, 0)); err == nil {
			t.Errorf("a letter to %q", to)
		}
	}
	for _, name := range injections {
		from := sender()
		from.Name, from.Operator, from.Contact = name, name, name
		c, err := NewComposer(bundle(t), from)
		if err != nil {
			continue
		}
		m, err := c.Preview(letter.NewsOpen, "ru")
		if err != nil {
			continue
		}
		p := parse(t, m.Raw)
		if got, err := p.header.AddressList("From"); err != nil || len(got) != 1 || got[0].Address != from.Address || len(p.header["Bcc"]) > 0 {
			t.Errorf("from %q: %v, %v", name, got, err)
		}
		if _, err := netmail.ParseAddress(p.header.Get("From")); err != nil {
			t.Error(err)
		}
		wholeLines(t, m.Raw)
	}
}

// FuzzCompose: with any words and any link a letter has the headers, the
// recipient and the two parts that it has without them, a link in it leads to
// this site, and written again it is the same letter.
func FuzzCompose(f *testing.F) {
	for i, bad := range injections {
		f.Add(byte(i), bad, "https://petitions.example/en/mine/x"+bad)
	}
	f.Add(byte(7), "a\u200d\xed\xa0\x80 \U000e0001", "https://evil.example/")
	f.Add(byte(9), strings.Repeat("ң", 300), "")
	c := composer(f, sender())
	kinds := letter.Kinds()
	clean := map[letter.Kind][]string{}
	for _, kind := range kinds {
		clean[kind] = slices.Sorted(maps.Keys(parse(f, first(c.Preview(kind, i18n.English)).Raw).header))
	}
	f.Fuzz(func(t *testing.T, which byte, words, link string) {
		kind, lang := kinds[int(which)%len(kinds)], i18n.Langs()[int(which)%3]
		a := previewArgs(lang)
		for _, name := range []string{"title", "reason", "note", "stage", "headline", "words", "subject", "member", "ref"} {
			a[name] = words
		}
		a["mine"] = link
		l := letter.Letter{To: "a@mail.example", Lang: lang, Kind: kind, Args: a}
		m, err := c.Compose(l, "uid", time.Unix(0, 0))
		if err != nil {
			if strings.Contains(err.Error(), "mail.example") {
				t.Errorf("%s: the error names the reader: %v", kind, err)
			}
			return
		}
		if again, err := c.Compose(l, "uid", time.Unix(0, 0)); err != nil || string(again.Raw) != string(m.Raw) {
			t.Errorf("%s written again is another letter, %v", kind, err)
		}
		p := parse(t, m.Raw)
		if got := slices.Sorted(maps.Keys(p.header)); !slices.Equal(got, clean[kind]) {
			t.Errorf("%s with %q: headers %q", kind, words, got)
		}
		if to, err := p.header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "a@mail.example" {
			t.Errorf("%s with %q goes to %v, %v", kind, words, to, err)
		}
		wholeLines(t, m.Raw)
	})
}
