package identity

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/internal/vault"
)

func TestOneFormForAllSpellings(t *testing.T) {
	for in, want := range map[string]Address{
		"aigul@example.example":                      {"aigul@example.example", "aigul@example.example"},
		"  aigul@example.example\n":                  {"aigul@example.example", "aigul@example.example"},
		"AiGul@Example.EXAMPLE":                      {"AiGul@example.example", "aigul@example.example"},
		"aigul+petition@example.example":             {"aigul+petition@example.example", "aigul@example.example"},
		"aigul+a+b@example.example":                  {"aigul+a+b@example.example", "aigul@example.example"},
		"aigul.+x@example.example":                   {"aigul.+x@example.example", "aigul@example.example"},
		"ai.gul@example.example":                     {"ai.gul@example.example", "ai.gul@example.example"},
		"Ai.Gul+x@gmail.com":                         {"Ai.Gul+x@gmail.com", "aigul@gmail.com"},
		"a.i.g.u.l@googlemail.com":                   {"a.i.g.u.l@googlemail.com", "aigul@gmail.com"},
		"aigul@GoogleMail.com":                       {"aigul@googlemail.com", "aigul@gmail.com"},
		"aigul@ya.ru":                                {"aigul@ya.ru", "aigul@yandex.ru"},
		"aigul@yandex.com":                           {"aigul@yandex.com", "aigul@yandex.ru"},
		"aigul@yandex.kz":                            {"aigul@yandex.kz", "aigul@yandex.ru"},
		"aigul@yandex.by":                            {"aigul@yandex.by", "aigul@yandex.ru"},
		"aigul@yandex.ru":                            {"aigul@yandex.ru", "aigul@yandex.ru"},
		"a.igul@yandex.ru":                           {"a.igul@yandex.ru", "a.igul@yandex.ru"},
		"aigul@домен.қаз":                            {"aigul@xn--d1acufc.xn--80ao21a", "aigul@xn--d1acufc.xn--80ao21a"},
		"aigul@ДОМЕН.рф":                             {"aigul@xn--d1acufc.xn--p1ai", "aigul@xn--d1acufc.xn--p1ai"},
		"aigul@xn--d1acufc.xn--p1ai":                 {"aigul@xn--d1acufc.xn--p1ai", "aigul@xn--d1acufc.xn--p1ai"},
		"aigul@домен。рф":                             {"aigul@xn--d1acufc.xn--p1ai", "aigul@xn--d1acufc.xn--p1ai"},
		"o'neil_x-1=2{3}@example.example":            {"o'neil_x-1=2{3}@example.example", "o'neil_x-1=2{3}@example.example"},
		"aigul@sub.sub2.example":                     {"aigul@sub.sub2.example", "aigul@sub.sub2.example"},
		strings.Repeat("a", 64) + "@example.example": {strings.Repeat("a", 64) + "@example.example", strings.Repeat("a", 64) + "@example.example"},
	} {
		got, err := ParseAddress(in)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", in, got, err, want)
		}
	}
}

func TestWhatIsNoAddress(t *testing.T) {
	for _, in := range []string{
		"", " ", "aigul", "@", "@example.example", "aigul@", "aigul@example", "aigul@example.", "aigul@.example", "aigul@a..example",
		"aigul@。example.example", "aigul@a。。example", "aigul@example。",
		"a@b@example.example", "a b@example.example", "a@exa mple.example", "a\u00a0b@example.example", "a@exam\u2003ple.example",
		"aigul@example.example\r\nBcc: all@example.example", "aigul\n@example.example", "a\x00b@example.example", "a\x7fb@example.example",
		`"ai gul"@example.example`, `"aigul"@example.example`, "aigul(comment)@example.example", "Aigul <aigul@example.example>", "<aigul@example.example>",
		"aigul@[127.0.0.1]", "aigul@127.0.0.1", "aigul@example.1", "айгүл@example.example", "aigul\u200b@example.example",
		"a..b@example.example", ".a@example.example", "a.@example.example", "+tag@example.example", "a,b@example.example", "a;b@example.example",
		"a@example.example,b@example.example", "mailto:a@example.example", "a@-example.example", "a@exa_mple.example", "a@exa%mple.example",
		"a@ex\u202eample.example", "\xff@example.example", "a@\xff.example", "a@xn--zz--zz.example", "a@xn--.example",
		strings.Repeat("a", 65) + "@example.example",
		"a@" + strings.Repeat("b", 64) + ".example",
		"a@" + strings.Repeat("b.", 130) + "example",
		"a@" + strings.Repeat("ж", 60) + "." + strings.Repeat("ж", 60) + "." + strings.Repeat("ж", 60) + ".example",
	} {
		if got, err := ParseAddress(in); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
}

// check says what must hold of every address that is accepted.
func check(t interface{ Fatalf(string, ...any) }, in string) {
	a, err := ParseAddress(in)
	if err != nil {
		if a != (Address{}) || !errors.Is(err, ErrAddress) {
			t.Fatalf("%q: refused with %+v, %v", in, a, err)
		}
		return
	}
	for _, s := range []string{a.Send, a.Canon} {
		if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>()[]\",;:`, r) }) {
			t.Fatalf("%q: %q could end a header", in, s)
		}
		if strings.Count(s, "@") != 1 || len(s) > 254 || strings.Contains(s, "..") {
			t.Fatalf("%q: %q", in, s)
		}
	}
	if strings.ToLower(a.Canon) != a.Canon || strings.Contains(a.Canon, "+") {
		t.Fatalf("%q: canonical %q", in, a.Canon)
	}
	again, err := ParseAddress(a.Send)
	if err != nil || again != a {
		t.Fatalf("%q: %+v, and what is sent to reads as %+v, %v", in, a, again, err)
	}
	canon, err := ParseAddress(a.Canon)
	if err != nil || canon.Canon != a.Canon {
		t.Fatalf("%q: %q, and its own canonical form %q, %v", in, a.Canon, canon.Canon, err)
	}
}

func TestCanonicalOfCanonicalIsItself(t *testing.T) {
	local := rapid.StringMatching(`[a-zA-Z0-9.+_'{}=-]{1,20}`)
	domain := rapid.SampledFrom([]string{"gmail.com", "GoogleMail.com", "ya.ru", "yandex.kz", "домен.қаз", "example.example", "STRASSE.example", "straße.example", "ﬁ.example", "Ⅷ.example"})
	rapid.Check(t, func(t *rapid.T) { check(t, local.Draw(t, "local")+"@"+domain.Draw(t, "domain")) })
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"aigul@example.example", "A.b+c@googlemail.com", "x@домен.қаз", "x@xn--d1acufc.xn--p1ai", "a@b.c\r\nBcc: d@e.f",
		`"q"@x.example`, "a@。.example", "a@Ⅷ.example", "=?utf-8?q?a?=@x.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s) })
}

func TestTheBrokerSeesOnePersonBehindAllSpellings(t *testing.T) {
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, salt := NewBroker(v), vault.Random(32)
	blind := func(uid byte, salt []byte, address string) vault.Hash {
		a, err := ParseAddress(address)
		if err != nil {
			t.Fatal(err)
		}
		return b.Blind([16]byte{uid}, salt, a)
	}
	nb := blind(1, salt, "ai.gul@gmail.com")
	if nb != blind(1, salt, "AIGUL+dauys@googlemail.com") {
		t.Error("two spellings are two persons")
	}
	for name, x := range map[string]vault.Hash{"another person": blind(1, salt, "aigul@example.example"),
		"another petition": blind(2, salt, "ai.gul@gmail.com"), "another salt": blind(1, vault.Random(32), "ai.gul@gmail.com")} {
		if x == nb {
			t.Errorf("%s has the same Nb", name)
		}
	}
}
