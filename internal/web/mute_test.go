package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Beyond the rate of an address no letter goes out, and the answer must not come
// sooner for it: whoever types in somebody's address until it does would learn
// that its owner asked for a letter a moment ago.
func TestBeyondTheRateOfAnAddressAsMuchIsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mute.db")
	s := newSiteOn(t, "sqlite:"+path, nil)
	p := s.open(texts())
	s.mailbox()
	at := "/ru/petitions/" + strconv.FormatInt(p.Number, 10)
	size := func() int64 {
		info, err := os.Stat(path + "-wal")
		must(t, err)
		return info.Size()
	}
	written := func(form, email string) int64 {
		before := size()
		status(t, s.post(at+form, "email", email, "eligible", "yes", "place", "", "updates", "yes"), http.StatusSeeOther)
		return size() - before
	}
	for _, form := range []string{"/sign", "/withdraw", "/follow"} {
		usual := written(form, "first"+form[1:]+"@b.example")
		for range 5 {
			written(form, "often"+form[1:]+"@b.example")
		}
		s.mailbox()
		const page = 4096 + 24
		if beyond := written(form, "often"+form[1:]+"@b.example"); beyond < usual-2*page || beyond > usual+2*page {
			t.Errorf("%s: beyond the rate %d bytes are written, otherwise %d", form, beyond, usual)
		}
		if n := len(s.mailbox()); n != 0 {
			t.Errorf("%s: %d letters beyond the rate of an address", form, n)
		}
	}
}

// The answer to a start form does come sooner where no letter goes out. So it
// has a rate of its own, which says nothing of those who sign.
func TestStartFormsTellNothingOfThoseWhoSign(t *testing.T) {
	s, _, path := signable(t)
	for range 5 {
		status(t, s.post("/ru"+path+"/sign", "email", "signer@b.example", "eligible", "yes", "place", ""), http.StatusSeeOther)
	}
	if n := len(s.mailbox()); n != 5 {
		t.Fatalf("%d letters, want 5", n)
	}
	if !s.web.mayWrite("start ", "signer@b.example") {
		t.Error("an address that signs has used up the letters of those who start")
	}
	if s.web.mayWrite("", "signer@b.example") {
		t.Error("an address had its letters and may have more")
	}
}
