package vault

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTagsComeBack(t *testing.T) {
	v, other := tagVault(t), tagVault(t)
	rapid.Check(t, func(t *rapid.T) {
		payload := rapid.SliceOfN(rapid.Byte(), 0, maxTag).Draw(t, "payload")
		tag := v.Tag("x", payload)
		if tag != v.Tag("x", payload) {
			t.Fatal("a tag changes")
		}
		for _, spelled := range []string{tag, strings.ToUpper(tag)} {
			if got, err := v.OpenTag("x", spelled); err != nil || !bytes.Equal(got, payload) {
				t.Fatalf("%x came back as %x, %v", payload, got, err)
			}
		}
		i := rapid.IntRange(0, len(tag)-1).Draw(t, "at")
		c := rapid.SampledFrom([]byte("abcdefghijklmnopqrstuvwxyz234567")).Draw(t, "letter")
		if altered := tag[:i] + string(c) + tag[i+1:]; altered != tag {
			// The last letter has bits to spare, which say nothing.
			if got, err := v.OpenTag("x", altered); err == nil && (i < len(tag)-1 || !bytes.Equal(got, payload)) {
				t.Fatalf("altered at %d, it opens as %x", i, got)
			}
		}
		for what, err := range map[string]error{
			"for another purpose":       second(v.OpenTag("y", tag)),
			"under another key":         second(other.OpenTag("x", tag)),
			"cut":                       second(v.OpenTag("x", tag[:len(tag)-2])),
			"longer than one may be":    second(v.OpenTag("x", tag+strings.Repeat("a", 80))),
			"with what is not a letter": second(v.OpenTag("x", tag+"\n")),
		} {
			if !errors.Is(err, ErrSealed) {
				t.Fatalf("%s it opens: %v", what, err)
			}
		}
	})
}

func second(_ []byte, err error) error { return err }

func tagVault(t *testing.T) *Vault {
	t.Helper()
	v, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return v
}
