package letter

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

func keys(t *testing.T) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestALetterComesBackAndShowsNothing(t *testing.T) {
	v, other := keys(t), keys(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		l := Letter{To: "aigul@example.example", Lang: rapid.SampledFrom([]petition.Lang{"kk", "ru", "en"}).Draw(t, "lang"),
			Kind: rapid.SampledFrom(Kinds()).Draw(t, "kind"),
			Args: rapid.MapOfN(rapid.StringMatching(`[a-z]{1,9}`), rapid.String(), 1, 6).Draw(t, "args")}
		row, err := l.Seal(v, "", store.PriorityProof, now)
		if err != nil {
			t.Fatal(err)
		}
		kind := l.Kind
		if kind == WithdrawNone {
			kind = Withdraw // which of the two it is stands under the seal only
		}
		if len(row.UID) != 32 || row.Kind != string(kind) || row.Priority != store.PriorityProof || !row.QueuedAt.Equal(now) {
			t.Fatalf("row %+v", row)
		}
		if bytes.Contains(row.Sealed, []byte(l.To)) {
			t.Fatal("the address is in clear")
		}
		got, err := Open(v, row.Sealed)
		if err != nil || !reflect.DeepEqual(got, l) {
			t.Fatalf("%+v came back as %+v, %v", l, got, err)
		}
		if _, err := Open(other, row.Sealed); !errors.Is(err, vault.ErrSealed) {
			t.Fatalf("under other keys: %v", err)
		}
		row.Sealed[len(row.Sealed)/2] ^= 1
		if _, err := Open(v, row.Sealed); !errors.Is(err, vault.ErrSealed) {
			t.Fatalf("altered: %v", err)
		}
	})
}

func TestAFollowerNamesItsLetter(t *testing.T) {
	v := keys(t)
	a, err := Letter{Kind: Queued}.Seal(v, "event-7/queued", store.PriorityActs, time.Time{})
	if err != nil || a.UID != "event-7/queued" {
		t.Errorf("uid %q, %v", a.UID, err)
	}
	b, err := Letter{Kind: Sign}.Seal(v, "", store.PriorityActs, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := (Letter{Kind: Sign}).Seal(v, "", store.PriorityActs, time.Time{}); err != nil || c.UID == b.UID {
		t.Errorf("two letters share the uid %q, %v: the second would be dropped", b.UID, err)
	}
}

func TestAnAddressIsNotALetter(t *testing.T) {
	v := keys(t)
	sealed := SealAddress(v, "aigul@example.example")
	if got, err := OpenAddress(v, sealed); err != nil || got != "aigul@example.example" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Open(v, sealed); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("a sealed address opened as a letter: %v", err)
	}
	row, err := Letter{To: "a@example.example"}.Seal(v, "", 0, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenAddress(v, row.Sealed); !errors.Is(err, vault.ErrSealed) || got != "" {
		t.Errorf("a letter opened as the address %q: %v", got, err)
	}
}

func TestKindsAreDifferentAndKnowTheNews(t *testing.T) {
	kinds := Kinds()
	slices.Sort(kinds)
	if n := len(slices.Compact(kinds)); n != 50 {
		t.Errorf("%d kinds, want 50", n)
	}
	for _, k := range Kinds() {
		if k.News() != (len(k) > 5 && k[:5] == "news-") {
			t.Errorf("%s: news %v", k, k.News())
		}
	}
}

func TestBounceTags(t *testing.T) {
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	ref := store.NewsRef{Mailing: 7, Subscription: [16]byte{1, 2, 3}}
	news, proof := BounceTag(v, NewsUID(ref), store.PriorityNews, now), BounceTag(v, "abcdef", store.PriorityProof, now)
	if len("bounces12+"+news) > 64 || news == BounceTag(v, NewsUID(store.NewsRef{Mailing: 8, Subscription: ref.Subscription}), store.PriorityNews, now) {
		t.Errorf("tag %q", news)
	}
	b, err := OpenBounceTag(v, news, now.Add(5*day))
	if err != nil || b.Priority != store.PriorityNews || !bytes.Equal(b.Subscription, ref.Subscription[:]) {
		t.Errorf("%+v, %v", b, err)
	}
	again, _ := OpenBounceTag(v, strings.ToUpper(news), now)
	other, err := OpenBounceTag(v, proof, now)
	if err != nil || other.Subscription != nil || other.Tag == b.Tag || again.Tag != b.Tag {
		t.Errorf("%+v, %+v, %v", other, again, err)
	}
	for _, at := range []time.Time{now.Add(-3 * day), now.Add(BounceLife + 3*day)} {
		if _, err := OpenBounceTag(v, news, at); !errors.Is(err, vault.ErrSealed) {
			t.Errorf("opens at %s: %v", at, err)
		}
	}
	if _, err := OpenBounceTag(v, v.Tag(bouncePurpose, []byte("of another length")), now); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("another payload: %v", err)
	}
}

// FuzzParseNewsUID: a letter of a mailing has one name, so that nobody gets it
// a second time under another spelling.
func FuzzParseNewsUID(f *testing.F) {
	f.Add(NewsUID(store.NewsRef{Mailing: 7, Subscription: [16]byte{1, 255}}))
	f.Add("n-+7-000102030405060708090a0b0c0d0e0f")
	f.Add("n-07-000102030405060708090A0B0C0D0E0F")
	f.Add("n--1-0")
	f.Add("")
	f.Fuzz(func(t *testing.T, uid string) {
		if ref, ok := ParseNewsUID(uid); ok && NewsUID(ref) != uid {
			t.Errorf("%q is the letter %+v, whose name is %q", uid, ref, NewsUID(ref))
		}
	})
}
