package vault

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSealedComesBackAndOnlyForItsPurpose(t *testing.T) {
	v, other := open1(t, t.TempDir()), open1(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "plain")
		sealed := v.Seal("letter", plain)
		got, err := v.Open("letter", sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%x came back as %x, %v", plain, got, err)
		}
		if len(plain) > 8 && bytes.Contains(sealed, plain) {
			t.Fatal("sealed in clear")
		}
		if bytes.Equal(sealed, v.Seal("letter", plain)) {
			t.Fatal("sealed twice, the same: equal addresses would show")
		}
		if _, err := v.Open("address", sealed); !errors.Is(err, ErrSealed) {
			t.Fatalf("another purpose: %v", err)
		}
		if _, err := other.Open("letter", sealed); !errors.Is(err, ErrSealed) {
			t.Fatalf("another deployment: %v", err)
		}
		bad := bytes.Clone(sealed)
		bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		if _, err := v.Open("letter", bad); !errors.Is(err, ErrSealed) {
			t.Fatalf("altered: %v", err)
		}
		if _, err := v.Open("letter", sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "cut")]); !errors.Is(err, ErrSealed) {
			t.Fatalf("cut: %v", err)
		}
	})
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/\n\r% "

// openers are both kinds of tokens under one roof.
func openers(v *Vault) map[string]func(kind, token string) ([]byte, error) {
	return map[string]func(string, string) ([]byte, error){"sealed": v.OpenToken, "fixed": v.OpenFixed}
}

func TestATokenAlteredAnywhereIsRefused(t *testing.T) {
	v := open1(t, t.TempDir())
	id := []byte("0123456789abcdef")
	tokens := map[string]string{"sealed": v.Token("sign", id), "fixed": v.Fixed("sign", id)}
	for name, opens := range openers(v) {
		token := tokens[name]
		if got, err := opens("sign", token); err != nil || !bytes.Equal(got, id) {
			t.Fatalf("%s: %q, %v", name, got, err)
		}
		for i := range len(token) {
			for _, c := range []byte(alphabet) {
				if c == token[i] {
					continue
				}
				if _, err := opens("sign", token[:i]+string(c)+token[i+1:]); !errors.Is(err, ErrSealed) {
					t.Fatalf("%s: byte %d as %q: %v", name, i, c, err)
				}
			}
			if _, err := opens("sign", token[:i]+token[i+1:]); !errors.Is(err, ErrSealed) {
				t.Errorf("%s without byte %d: %v", name, i, err)
			}
		}
		for i := range len(token) + 1 {
			for _, c := range []byte(alphabet) {
				if _, err := opens("sign", token[:i]+string(c)+token[i:]); !errors.Is(err, ErrSealed) {
					t.Fatalf("%s: %q before byte %d: %v", name, c, i, err)
				}
			}
		}
	}
}

func TestATokenOpensForItsKindOnly(t *testing.T) {
	v, other := open1(t, t.TempDir()), open1(t, t.TempDir())
	id := []byte("0123456789abcdef")
	for name, token := range map[string]string{"sealed": v.Token("sign", id), "fixed": v.Fixed("sign", id)} {
		for opener, opens := range openers(v) {
			for _, kind := range []string{"sign", "withdraw", "", "sign/", "fixed/sign", "Sign"} {
				_, err := opens(kind, token)
				if right := opener == name && kind == "sign"; right != (err == nil) {
					t.Errorf("a %s token of sign opened as %s of %q: %v", name, opener, kind, err)
				}
			}
		}
		for _, opens := range openers(other) {
			if _, err := opens("sign", token); !errors.Is(err, ErrSealed) {
				t.Errorf("%s: another deployment: %v", name, err)
			}
		}
	}
	if v.Fixed("mine", id) != v.Fixed("mine", id) {
		t.Error("a fixed token differs from itself")
	}
	if v.Token("sign", id) == v.Token("sign", id) {
		t.Error("two sealed tokens are the same")
	}
	if _, err := v.OpenToken("sign", v.Token("sign", make([]byte, 1000))); !errors.Is(err, ErrSealed) {
		t.Errorf("a huge token: %v", err)
	}
}

func FuzzOpenToken(f *testing.F) { fuzzToken(f, "sealed") }

func FuzzOpenFixed(f *testing.F) { fuzzToken(f, "fixed") }

func fuzzToken(f *testing.F, name string) {
	v := open1(f, f.TempDir())
	made := map[string]string{"sealed": v.Token("sign", []byte("0123456789abcdef")), "fixed": v.Fixed("sign", []byte("0123456789abcdef"))}[name]
	opens := openers(v)[name]
	for _, s := range []string{"", "A", made + "A", made[1:], strings.Repeat("A", 600), "\n\n", "аяқ", "====", made + "\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if b, err := opens("sign", token); token != made && (err == nil || b != nil || !errors.Is(err, ErrSealed)) {
			t.Errorf("%q opened as %x, %v", token, b, err)
		}
	})
}

func TestLookupIsSeparatedByPurposeAndDeployment(t *testing.T) {
	v, other := open1(t, t.TempDir()), open1(t, t.TempDir())
	h := v.Lookup("staff", "a@example.example")
	if h != v.Lookup("staff", "a@example.example") {
		t.Error("not the same twice")
	}
	for _, x := range []Hash{v.Lookup("petitioner", "a@example.example"), v.Lookup("staff", "b@example.example"),
		v.Lookup("staffa", "@example.example"), v.Lookup("", "staffa@example.example"), other.Lookup("staff", "a@example.example")} {
		if x == h {
			t.Error("two purposes, persons or deployments share a hash")
		}
	}
}

func TestNullifier(t *testing.T) {
	v, other := open1(t, t.TempDir()), open1(t, t.TempDir())
	uid, salt := [16]byte{1}, Random(32)
	nullifier := func(v *Vault, uid [16]byte, salt []byte, person string) Hash {
		return v.ServerKey(uid, salt).Nullifier(v.BrokerKey(uid, salt).Blind(person))
	}
	n := nullifier(v, uid, salt, "mail:a@example.example")
	if n != nullifier(v, uid, salt, "mail:a@example.example") {
		t.Error("the same person signs the same petition twice")
	}
	for name, x := range map[string]Hash{
		"another person": nullifier(v, uid, salt, "mail:b@example.example"), "another petition": nullifier(v, [16]byte{2}, salt, "mail:a@example.example"),
		"another salt": nullifier(v, uid, Random(32), "mail:a@example.example"), "no salt": nullifier(v, uid, nil, "mail:a@example.example"),
		"another deployment": nullifier(other, uid, salt, "mail:a@example.example"), "Nb itself": v.BrokerKey(uid, salt).Blind("mail:a@example.example"),
	} {
		if x == n {
			t.Errorf("%s has the same nullifier", name)
		}
	}
	nb := v.BrokerKey(uid, salt).Blind("mail:a@example.example")
	if v.ServerKey(uid, salt).Nullifier(nb) == v.ServerKey([16]byte{2}, salt).Nullifier(nb) {
		t.Error("the server's key does not depend on the petition")
	}
}

func TestRandomIsNotTheSameTwice(t *testing.T) {
	if a, b := Random(16), Random(16); len(a) != 16 || bytes.Equal(a, b) {
		t.Errorf("%x and %x", a, b)
	}
}

// FuzzOpenTag: a tag comes back by mail, with its case changed on the way and
// in no other way.
func FuzzOpenTag(f *testing.F) {
	v := open1(f, f.TempDir())
	made := map[string]string{}
	for _, payload := range []string{"", "\x01\x02\x03", "0123456789abcdef0123456789abcdef"} {
		made[v.Tag("bounce", []byte(payload))] = payload
	}
	for tag := range made {
		f.Add(tag)
		f.Add(strings.ToUpper(tag))
		f.Add(tag[:len(tag)-1] + "b")
	}
	f.Add("")
	f.Add("====")
	f.Add("\n")
	f.Fuzz(func(t *testing.T, tag string) {
		b, err := v.OpenTag("bounce", tag)
		payload, ours := made[strings.ToLower(tag)]
		if ours != (err == nil) || string(b) != payload || err != nil && !errors.Is(err, ErrSealed) {
			t.Errorf("%q opened as %x, %v", tag, b, err)
		}
		if _, err := v.OpenTag("other", tag); err == nil {
			t.Errorf("%q is a tag of another kind", tag)
		}
	})
}
