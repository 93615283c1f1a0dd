package signing

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// What nobody was sent is refused by its seal: the database is not asked, as
// the test sees by having closed it.
func TestForgedLinksNeverReachTheDatabase(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	good := w.link(uid, 1)
	other, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{
		"empty": "", "no base64": "%%%", "short": "AAAA", "long": strings.Repeat("A", 100_000), "random": vaultNoise(96),
		"altered": good[:10] + flip(good[10]) + good[11:], "cut": good[:len(good)-1], "longer": good + "A",
		"of another kind": w.vault.Token(kindWithdraw, claim{UID: uid, Expires: w.clock().Add(LinkLife)}.encode()),
		"of another site": other.Token(kindSign, claim{UID: uid, Expires: w.clock().Add(LinkLife)}.encode()),
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for name, token := range forged {
		if _, err := w.Confirm(context.Background(), token); !errors.Is(err, vault.ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := w.Peek(context.Background(), token); !errors.Is(err, vault.ErrSealed) {
			t.Errorf("%s, looked at: %v", name, err)
		}
	}
	if _, err := w.Confirm(context.Background(), good); err == nil || errors.Is(err, vault.ErrSealed) {
		t.Errorf("a good link with the database closed: %v", err)
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func vaultNoise(n int) string { return strings.Repeat("x-_9", n/4) }
