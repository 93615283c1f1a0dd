package staff

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// desk is a service on a real database with a clock that is turned by hand.
type desk struct {
	*Service
	mu  sync.Mutex
	now time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "dauys.db"), petition.Laws{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	d.Service = New(s, v, d.clock)
	return d
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func (d *desk) add(t *testing.T, email string, role store.Role) string {
	t.Helper()
	link, err := d.Add(t.Context(), email, role, "")
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func (d *desk) login(t *testing.T, link string) string {
	t.Helper()
	token, err := d.Login(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestRolesAndActions(t *testing.T) {
	actions := []Action{EnterDesk, ReadDesk, Moderate, AnswerFor, AskOrg, ConfirmOrg, RunSite, DeliverTo, TakeDown, AllSessions, ToArchive, TellDelays}
	want := map[store.Role][12]bool{
		store.Moderator: {true, true, true, true, true, false, false, true, true, false, true, true}, store.Admin: {true, true, true, true, true, true, true, true, true, true, true, true},
		store.Auditor: {true, true}, store.Officer: {true, false, false, true, false, false, false, true},
		"": {}, "root": {},
	}
	for role, may := range want {
		for i, a := range actions {
			if Can(role, a) != may[i] {
				t.Errorf("%q may %s: %v", role, a, Can(role, a))
			}
		}
		if Can(role, "") || Can(role, "delete") {
			t.Errorf("%q may do what nobody named", role)
		}
	}
}

func TestALinkIsUsedOnce(t *testing.T) {
	d := newDesk(t)
	link := d.add(t, "Aigul+desk@example.example", store.Moderator)
	for range 3 { // a mail scanner looks at it
		if live, err := d.Live(t.Context(), link); err != nil || !live {
			t.Fatalf("looking used the link up: %v, %v", live, err)
		}
	}
	token := d.login(t, link)
	if who, err := d.Session(t.Context(), token); err != nil || who.Role != store.Moderator || who.ID == 0 {
		t.Errorf("%+v, %v", who, err)
	}
	if live, err := d.Live(t.Context(), link); err != nil || live {
		t.Errorf("used, and live %v, %v", live, err)
	}
	for _, bad := range []string{link, "", "x", link + "A", token} {
		if got, err := d.Login(t.Context(), bad); !errors.Is(err, ErrLink) || got != "" {
			t.Errorf("%q opened a session: %q, %v", bad, got, err)
		}
	}
}

func TestManyUseOneLinkAtOnce(t *testing.T) {
	d := newDesk(t)
	link := d.add(t, "aigul@example.example", store.Moderator)
	var opened atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := d.Login(context.Background(), link); err == nil {
				opened.Add(1)
			} else if !errors.Is(err, ErrLink) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if opened.Load() != 1 {
		t.Errorf("%d sessions of one link", opened.Load())
	}
}

func TestALinkLivesADay(t *testing.T) {
	d := newDesk(t)
	link := d.add(t, "aigul@example.example", store.Moderator)
	d.advance(LinkLife - time.Millisecond)
	if live, err := d.Live(t.Context(), link); err != nil || !live {
		t.Errorf("in its last moment: %v, %v", live, err)
	}
	d.advance(time.Millisecond)
	if live, err := d.Live(t.Context(), link); err != nil || live {
		t.Errorf("after a day: %v, %v", live, err)
	}
	if _, err := d.Login(t.Context(), link); !errors.Is(err, ErrLink) {
		t.Errorf("after a day: %v", err)
	}
}

func TestASessionEndsWhenIdle(t *testing.T) {
	d := newDesk(t)
	token := d.login(t, d.add(t, "aigul@example.example", store.Admin))
	d.advance(IdleLimit - time.Millisecond)
	if _, err := d.Session(t.Context(), token); err != nil {
		t.Fatalf("in the last moment: %v", err)
	}
	d.advance(IdleLimit - time.Millisecond) // it was seen a moment ago
	if _, err := d.Session(t.Context(), token); err != nil {
		t.Fatalf("seen again: %v", err)
	}
	d.advance(IdleLimit)
	if who, err := d.Session(t.Context(), token); !errors.Is(err, ErrNoSession) || who != (store.Staff{}) {
		t.Errorf("idle for half an hour: %+v, %v", who, err)
	}
}

func TestASessionEndsAfterHalfADay(t *testing.T) {
	d := newDesk(t)
	token := d.login(t, d.add(t, "aigul@example.example", store.Admin))
	for used := time.Duration(0); used < SessionLife-20*time.Minute; used += 20 * time.Minute {
		d.advance(20 * time.Minute)
		if _, err := d.Session(t.Context(), token); err != nil {
			t.Fatalf("busy, after %s: %v", used, err)
		}
	}
	d.advance(20 * time.Minute)
	if _, err := d.Session(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("after twelve hours: %v", err)
	}
}

func TestLogout(t *testing.T) {
	d := newDesk(t)
	token := d.login(t, d.add(t, "aigul@example.example", store.Auditor))
	other := d.login(t, d.add(t, "bolat@example.example", store.Auditor))
	if err := d.Logout(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{token, "", "x"} {
		if _, err := d.Session(t.Context(), gone); !errors.Is(err, ErrNoSession) {
			t.Errorf("%q: %v", gone, err)
		}
	}
	if _, err := d.Session(t.Context(), other); err != nil {
		t.Errorf("somebody else was logged out: %v", err)
	}
	if err := d.Logout(t.Context(), token); err != nil {
		t.Errorf("logging out twice: %v", err)
	}
}

func TestOneAddressIsOneAccount(t *testing.T) {
	d := newDesk(t)
	first := d.login(t, d.add(t, "aigul@example.example", store.Moderator))
	second := d.login(t, d.add(t, "AIGUL+x@example.example", store.Auditor))
	a, err := d.Session(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Session(t.Context(), second)
	if err != nil || a.ID != b.ID || a.Role != store.Auditor || b.Role != store.Auditor {
		t.Errorf("%+v and %+v, %v: the new role must hold for both sessions", a, b, err)
	}
	if _, err := d.Add(t.Context(), "not an address", store.Admin, ""); !errors.Is(err, identity.ErrAddress) {
		t.Errorf("%v", err)
	}
}

func TestTheStoreHoldsNoToken(t *testing.T) {
	if a, b := newToken(), newToken(); a == b || len(a) != 32 {
		t.Errorf("%q and %q", a, b)
	}
	if h := hash("token"); len(h) != 32 || string(h) == "token" {
		t.Errorf("%x", h)
	}
}
