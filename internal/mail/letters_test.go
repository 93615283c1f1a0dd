package mail

import (
	"errors"
	"html"
	"maps"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
)

var (
	links   = regexp.MustCompile(`(?i)[a-z]+://[^\s"<>]+`)
	missing = regexp.MustCompile(`⟦[^⟧]*⟧|<no value>|ZgotmplZ`)
)

// marked are arguments that can be found again in a letter.
func marked() map[string]string {
	a := previewArgs(i18n.English)
	a["title"], a["reason"], a["stage"], a["note"] = "Mtitle & <b>", "Mreason", "Mstage", "Mnote\nMsecond"
	a["headline"], a["words"] = "Mheadline", "Mwords"
	a["member"] = "Mmember"
	a["until"], a["threshold"], a["count"] = "2031-05-06", "7654321", "9876543"
	return a
}

// expected is how the arguments of a kind show in its text: from the list in package letter.
var expected = map[letter.Kind][]string{
	letter.Sign: {"link", "2031"}, letter.Withdraw: {"link", "2031"}, letter.WithdrawNone: nil, letter.Follow: {"link", "2031"}, letter.Start: {"link", "2031"},
	letter.Started: {"share", "mine", "7654321", "2031"}, letter.Queued: {"mine", "2031"}, letter.Delay: {"mine", "Mwords"},
	letter.Returned: {"mine", "Mreason", "Mnote", "Msecond"}, letter.Refused: {"mine", "page", "Mreason", "Mnote", "2031"},
	letter.Upheld: {"mine", "page", "Mreason", "Mnote"}, letter.Published: {"page", "mine", "2031"}, letter.Lapsed: {"mine"},
	letter.Stage: {"page", "mine", "Mstage", "7654321"}, letter.Answered: {"page", "mine"}, letter.Closed: {"page", "mine", "9876543"},
	letter.ComplaintDecided: {"page", "INVENTED", "Mnote", "Msecond"}, letter.ComplaintAbout: {"page", "mine", "INVENTED", "Mnote"},
	letter.Archived: {"page", "mine", "2031"},
	letter.Hidden:   {"mine", "page", "Mreason", "Mnote"}, letter.Restored: {"page", "mine"}, letter.Removed: {"mine", "page", "Mreason", "Mnote"},
	letter.NewsOpen: {"page", "unsubscribe"}, letter.NewsStage: {"page", "unsubscribe", "Mstage", "7654321"},
	letter.NewsAnswer: {"page", "unsubscribe"}, letter.NewsClosed: {"page", "unsubscribe", "9876543"}, letter.Login: {"link", "2031"},
	letter.Data: {"link", "2031"}, letter.Org: {"link", "2031"}, letter.NoteRefused: {"mine", "Mreason", "Mnote", "Msecond"},
	letter.MergeOffer: {"mine"}, letter.MergeNo: {"mine"}, letter.Merged: {"page", "mine"}, letter.OrgYes: {"mine"}, letter.OrgNo: {"mine"},
	letter.NewsNote: {"page", "unsubscribe", "Mheadline", "Mwords"}, letter.NewsChanged: {"page", "unsubscribe"},
	letter.NewsMerged: {"page", "unsubscribe"},
	letter.Delivered:  {"page", "mine", "Mstage", "2031"}, letter.NewsDelivery: {"page", "unsubscribe", "Mstage"},
	letter.Member: {"link", "2031"}, letter.Seeking: {"mine"}, letter.MemberYes: {"mine", "Mmember"}, letter.MemberNo: {"mine", "Mmember"},
	letter.Checked: {"share", "mine", "7654321", "2031"}, letter.Dissolved: {"mine"}, letter.Extended: {"mine", "2031"}, letter.NewsStopped: {"page", "unsubscribe"},
	letter.BodyDue: {"page", "Mstage", "2031"}, letter.BodyOverdue: {"page", "Mstage", "2031"},
}

func TestEveryLetterInEveryLanguage(t *testing.T) {
	c := composer(t, Sender{Name: "Самұрық", Address: "letters@petitions.example", Operator: "Society of Samruk", Contact: "https://petitions.example/about", Notice: true})
	at := time.Date(2031, 5, 1, 9, 30, 0, 0, time.UTC)
	bodies := map[string]letter.Kind{}
	for _, kind := range letter.Kinds() {
		for _, lang := range i18n.Langs() {
			t.Run(string(kind)+"/"+string(lang), func(t *testing.T) {
				m, err := c.Compose(letter.Letter{To: "reader@mail.example", Lang: lang, Kind: kind, Args: marked()}, "uid-1", at)
				if err != nil {
					t.Fatal(err)
				}
				p := parse(t, m.Raw)
				checkBody(t, kind, p)
				checkHeader(t, kind, m, p)
				if p.text != m.Text || p.html != m.HTML {
					t.Error("the message does not read back as it was composed")
				}
				if other, twice := bodies[p.text]; twice {
					t.Errorf("says the same as %s", other)
				}
				bodies[p.text] = kind
			})
		}
	}
}

func checkBody(t *testing.T, kind letter.Kind, p parsed) {
	t.Helper()
	args := marked()
	var wantLinks []string
	plain := strings.NewReplacer("\u00a0", "", "\u202f", "", ",", "").Replace(p.text)
	for _, want := range expected[kind] {
		if v, isLink := args[want]; isLink {
			wantLinks = append(wantLinks, v)
			if !slices.Contains(strings.Split(p.text, "\n"), v) {
				t.Errorf("%s does not stand on its own line", want)
			}
			continue
		}
		if !strings.Contains(plain, want) {
			t.Errorf("%q is not told in\n%s", want, p.text)
		}
	}
	for name, body := range map[string]string{"text": p.text, "html": p.html} {
		if got := links.FindAllString(body, -1); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(wantLinks))) {
			t.Errorf("%s has links %q, want %q", name, got, wantLinks)
		}
		if m := missing.FindString(body); m != "" {
			t.Errorf("%s holds %s", name, m)
		}
		for _, want := range []string{"Society of Samruk", "petitions.example/about"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
	}
	if kind != letter.Login && kind != letter.ComplaintDecided && (!strings.Contains(p.html, "Mtitle &amp; &lt;b&gt;") || !strings.Contains(p.text, "Mtitle & <b>")) {
		t.Errorf("title: %s", p.html)
	}
	for _, bad := range []string{"<script", "<img", "src=", "http-equiv", "url(", " on"} {
		if bad != " on" && strings.Contains(p.html, bad) {
			t.Errorf("html holds %s", bad)
		}
	}
	if strings.Contains(p.text, "\n\n\n") {
		t.Errorf("two empty lines in\n%s", p.text)
	}
}

func checkHeader(t *testing.T, kind letter.Kind, m Message, p parsed) {
	t.Helper()
	want := map[string]string{"To": "<reader@mail.example>", "Message-Id": "<uid-1@petitions.example>", "Auto-Submitted": "auto-generated",
		"Date": "Thu, 01 May 2031 09:30:00 +0000", "Mime-Version": "1.0", "List-Unsubscribe": "", "List-Unsubscribe-Post": ""}
	if kind.News() {
		want["List-Unsubscribe"], want["List-Unsubscribe-Post"] = "<"+marked()["unsubscribe"]+">", "List-Unsubscribe=One-Click"
	}
	for name, v := range want {
		if got := p.header[name]; strings.Join(got, "|") != v {
			t.Errorf("%s: %q, want %q", name, got, v)
		}
	}
	from, err := netmail.ParseAddress(p.header.Get("From"))
	if err != nil || from.Name != "Самұрық" || from.Address != "letters@petitions.example" {
		t.Errorf("From %v, %v", from, err)
	}
	if p.subject != m.Subject || missing.MatchString(p.subject) || p.subject == "" {
		t.Errorf("Subject %q, composed %q", p.subject, m.Subject)
	}
	for name := range p.header {
		if !slices.Contains([]string{"From", "Subject", "Content-Type", "Content-Language", "List-Unsubscribe", "List-Unsubscribe-Post"}, name) && want[name] == "" {
			t.Errorf("unexpected header %s", name)
		}
	}
}

func TestTheSameLetterIsTheSameMessage(t *testing.T) {
	c := composer(t, sender())
	for _, kind := range letter.Kinds() {
		a, err := c.Preview(kind, i18n.Kazakh)
		b, err2 := c.Preview(kind, i18n.Kazakh)
		if err != nil || err2 != nil || string(a.Raw) != string(b.Raw) || len(a.Raw) == 0 {
			t.Errorf("%s: differs, %v, %v", kind, err, err2)
		}
	}
}

func TestLettersThatCannotBeComposed(t *testing.T) {
	c := composer(t, sender())
	with := func(name, value string) map[string]string {
		a := previewArgs(i18n.English)
		a[name] = value
		return a
	}
	for name, l := range map[string]letter.Letter{
		"no such kind":       {To: "a@mail.example", Kind: "postcard", Args: previewArgs("en")},
		"no address":         {Kind: letter.Sign, Args: previewArgs("en")},
		"two addresses":      {To: "a@mail.example, b@mail.example", Kind: letter.Sign, Args: previewArgs("en")},
		"a name":             {To: "A <a@mail.example>", Kind: letter.Sign, Args: previewArgs("en")},
		"header in address":  {To: "a@mail.example\r\nBcc: b@mail.example", Kind: letter.Sign, Args: previewArgs("en")},
		"no title":           {To: "a@mail.example", Kind: letter.Sign, Args: with("title", " \n")},
		"no link":            {To: "a@mail.example", Kind: letter.Sign, Args: with("link", "")},
		"script":             {To: "a@mail.example", Kind: letter.Sign, Args: with("link", "javascript://x/alert")},
		"two lines":          {To: "a@mail.example", Kind: letter.Sign, Args: with("link", "https://x.example/\nhttps://y.example")},
		"no date":            {To: "a@mail.example", Kind: letter.Sign, Args: with("until", "")},
		"bad date":           {To: "a@mail.example", Kind: letter.Queued, Args: with("until", "soon")},
		"no number":          {To: "a@mail.example", Kind: letter.Closed, Args: with("count", "many")},
		"no unsubscribe":     {To: "a@mail.example", Kind: letter.NewsOpen, Args: with("unsubscribe", "")},
		"header in the link": {To: "a@mail.example", Kind: letter.NewsOpen, Args: with("unsubscribe", "https://x.example/>\r\nBcc: b@mail.example")},
	} {
		if _, err := c.Compose(l, "uid", time.Unix(0, 0)); !errors.Is(err, ErrLetter) || strings.Contains(err.Error(), "@") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, uid := range []string{"", "../up", "a b", "a\r\nBcc: x", "-x", strings.Repeat("x", 61), "ұ"} {
		l := letter.Letter{To: "a@mail.example", Kind: letter.Sign, Args: previewArgs("en")}
		if _, err := c.Compose(l, uid, time.Unix(0, 0)); !errors.Is(err, ErrLetter) {
			t.Errorf("uid %q: %v", uid, err)
		}
	}
}

func TestWhatMayBeEmpty(t *testing.T) {
	c := composer(t, sender())
	a := marked()
	a["until"], a["note"] = "", ""
	m, err := c.Compose(letter.Letter{To: "a@mail.example", Lang: "en", Kind: letter.Refused, Args: a}, "uid", time.Unix(0, 0))
	if err != nil || strings.Contains(m.Text, "appeal") || strings.Contains(m.Text, "explanation") {
		t.Errorf("a refusal without appeal: %v\n%s", err, m.Text)
	}
	a["notice"] = "yes"
	with, err := c.Compose(letter.Letter{To: "a@mail.example", Lang: "en", Kind: letter.Refused, Args: a}, "uid", time.Unix(0, 0))
	if err != nil || !strings.Contains(with.Text, "no legal effect") || strings.Contains(m.Text, "no legal effect") {
		t.Errorf("notice: %v\n%s", err, with.Text)
	}
	bare := composer(t, Sender{Address: "letters@petitions.example"})
	if m, err := bare.Preview(letter.Sign, "en"); err != nil || strings.Contains(m.Text, "perator") || strings.Contains(m.Text, "Contact") {
		t.Errorf("a sender without a name: %v\n%s", err, m.Text)
	}
	if _, err := NewComposer(bundle(t), Sender{Address: "nobody"}); err == nil {
		t.Error("a sender without an address is accepted")
	}
}

// Whatever a title or a note says, the letter to sign has its one link, its own
// headers, and two parts.
func TestTitlesCannotSpeakForUs(t *testing.T) {
	c := composer(t, sender())
	hostile := []string{"x\r\nBcc: all@mail.example\r\n\r\nbody", "x\nSubject: y", "\u2028X-A: b", "https://evil.example/", "ht\u200btp:\u200b//evil.example",
		"a:\x00//evil.example", "--=_uid\r\nContent-Type: text/html\r\n\r\n<h1>", "{{.Link}}", "<a href=https://evil.example>", strings.Repeat("ұ", 300), "\xff\xfe", "=?utf-8?q?a=0D=0ABcc:_x?="}
	header := slices.Sorted(maps.Keys(parse(t, first(c.Preview(letter.Sign, "kk")).Raw).header))
	rapid.Check(t, func(rt *rapid.T) {
		part := rapid.OneOf(rapid.SampledFrom(hostile), rapid.String(), rapid.StringMatching(`(http|://|\r\n|[A-Z][a-z]+: |--=_uid| ){0,40}`))
		a := previewArgs(i18n.Kazakh)
		a["title"] = "x" + strings.Join(rapid.SliceOfN(part, 0, 4).Draw(rt, "title"), "")
		a["note"] = strings.Join(rapid.SliceOfN(part, 0, 4).Draw(rt, "note"), "\n")
		for _, kind := range []letter.Kind{letter.Sign, letter.Returned} {
			m, err := c.Compose(letter.Letter{To: "a@mail.example", Lang: "kk", Kind: kind, Args: a}, "uid", time.Unix(0, 0))
			if err != nil {
				rt.Fatal(err)
			}
			p := parse(t, m.Raw)
			if got := slices.Sorted(maps.Keys(p.header)); !slices.Equal(got, header) {
				rt.Fatalf("%s: headers %q", kind, got)
			}
			if n := len(links.FindAllString(p.text, -1)); n != 1 {
				rt.Fatalf("%s: %d links in\n%s", kind, n, p.text)
			}
			if p.subject != m.Subject || strings.ContainsAny(p.subject, "\r\n") || uniseg.GraphemeClusterCount(p.subject) > 60+40 {
				rt.Fatalf("%s: subject %q, composed %q", kind, p.subject, m.Subject)
			}
			if p.text != m.Text {
				rt.Fatalf("%s: text is not what was composed", kind)
			}
		}
	})
}

func first(m Message, err error) Message {
	if err != nil {
		panic(err)
	}
	return m
}

func TestCut(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"short", "short"},
		{strings.Repeat("ә", 60), strings.Repeat("ә", 60)},
		{strings.Repeat("ә", 61), strings.Repeat("ә", 59) + "…"},
		{strings.Repeat("👩‍🌾", 70), strings.Repeat("👩‍🌾", 59) + "…"},
		{strings.Repeat("e\u0301", 60), strings.Repeat("e\u0301", 60)},
		{strings.Repeat("x", 58) + " yyyy", strings.Repeat("x", 58) + "…"},
	} {
		if got := cut(c.in); got != c.want {
			t.Errorf("cut(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// A letter to somebody who signs or follows says in its subject neither what it
// is about nor what they did: others see the list of letters.
func TestSubjectsKeepAnOpinionPrivate(t *testing.T) {
	c := composer(t, sender())
	for _, lang := range i18n.Langs() {
		proof := map[string]bool{}
		for _, kind := range letter.Kinds() {
			if !kind.News() && kind != letter.Sign && kind != letter.Withdraw && kind != letter.WithdrawNone {
				continue
			}
			m, err := c.Preview(kind, lang)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(m.Subject, previewArgs(lang)["title"]) || strings.Contains(m.Subject, "«") || !strings.Contains(m.Text, previewArgs(lang)["title"]) {
				t.Errorf("%s in %s: subject %q", kind, lang, m.Subject)
			}
			if kind == letter.Sign || kind == letter.Withdraw {
				proof[m.Subject] = true
			}
		}
		if len(proof) != 1 {
			t.Errorf("%s: signing and withdrawing are told apart by the subject: %v", lang, proof)
		}
	}
}

// The plain text and the HTML say the same words in the same order; a link
// without its scheme is the same link.
func TestTextAndHTMLSayTheSame(t *testing.T) {
	c := composer(t, sender())
	tag, style := regexp.MustCompile(`<[^>]*>`), regexp.MustCompile(`(?s)<head>.*</head>`)
	words := func(s string) string {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "https://", ""), "———", "")
		return strings.Join(strings.Fields(s), " ")
	}
	for _, lang := range i18n.Langs() {
		for _, kind := range letter.Kinds() {
			m, err := c.Preview(kind, lang)
			if err != nil {
				t.Fatalf("%s in %s: %v", kind, lang, err)
			}
			shown := html.UnescapeString(tag.ReplaceAllString(style.ReplaceAllString(m.HTML, ""), " "))
			if got, want := words(shown), words(m.Text); got != want {
				t.Errorf("%s in %s:\nHTML: %s\ntext: %s", kind, lang, got, want)
			}
		}
	}
}

// Every letter that the follower sends has a place in the list of kinds, from
// which the previews are made.
func TestEveryEventsLetterIsListed(t *testing.T) {
	for event, told := range tells {
		for _, kind := range []letter.Kind{told.author, told.readers} {
			if kind != "" && !slices.Contains(letter.Kinds(), kind) {
				t.Errorf("%s is told by %s, which has no preview", event, kind)
			}
		}
	}
	for kind := range shapes {
		if !slices.Contains(letter.Kinds(), kind) {
			t.Errorf("%s is not in the list of kinds", kind)
		}
	}
	if len(shapes) != len(letter.Kinds()) {
		t.Errorf("%d shapes for %d kinds", len(shapes), len(letter.Kinds()))
	}
}
