package web

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// picturesOf are the addresses of everything that is drawn of a petition.
func picturesOf(n int64) []string {
	at := "/petitions/" + strconv.FormatInt(n, 10)
	return []string{at + "/card.png", at + "/badge.svg", at + "/qr.svg", at + "/qr.png", at + "/poster.pdf",
		at + "/card.png?lang=ru", at + "/poster.pdf?lang=en&count=no", at + "/badge.svg?lang=xx"}
}

// intact fails unless a picture can be read as what it says it is.
func intact(t *testing.T, path, kind string, body []byte) {
	t.Helper()
	var err error
	switch kind {
	case "image/png":
		_, err = png.Decode(bytes.NewReader(body))
	case "application/pdf":
		if !bytes.HasPrefix(body, []byte("%PDF-")) || bytes.Count(body, []byte("/Type /Page\n")) != 1 {
			err = errors.New("not one page of PDF")
		}
	case "image/svg+xml":
		d := xml.NewDecoder(bytes.NewReader(body))
		for err == nil {
			_, err = d.Token()
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
	default:
		err = fmt.Errorf("a picture of type %q", kind)
	}
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

func TestPicturesOfAPublicPetition(t *testing.T) {
	s, open := full(t)
	for _, path := range picturesOf(open.Number) {
		w := s.get(path)
		status(t, w, http.StatusOK)
		intact(t, path, w.Header().Get("Content-Type"), w.Body.Bytes())
		if w.Body.Len() > 150<<10 || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: %d bytes, cookies %v", path, w.Body.Len(), w.Result().Cookies())
		}
		if h := w.Header(); h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: other sites may not show it: %v", path, h)
		}
	}
	badge := s.get(picturesOf(open.Number)[1] + "?lang=ru").Body.String()
	for _, want := range []string{"Кокбулак", "1\u00a0575", "подписей"} {
		if !strings.Contains(badge, want) {
			t.Errorf("the badge lacks %q: %s", want, badge)
		}
	}
}

// What has no page has no picture, and what was taken down is gone from every one.
func TestPicturesOfWhatIsNotPublic(t *testing.T) {
	s, open := full(t)
	quiet := s.petition(texts()) // in the queue: without a number
	for _, n := range []int64{int64(quiet.ID), open.Number + 999} {
		for _, path := range append(picturesOf(n), "/kk/petitions/"+strconv.FormatInt(n, 10)+"/share") {
			status(t, s.get(path), http.StatusNotFound)
		}
	}
	for _, path := range picturesOf(open.Number) {
		status(t, s.get(path), http.StatusOK) // now each is kept
	}
	for _, state := range []petition.State{petition.Hidden, petition.Removed} {
		s.change(open.ID, func(p petition.Petition) (petition.Change, error) {
			p.State, p.RemovedAt = state, s.at
			if state == petition.Hidden {
				p.Hiding = &petition.Hiding{Reason: "personal-data", At: s.at, Officer: 1}
			}
			return petition.Change{Petition: p}, nil
		})
		s.at = s.at.Add(1e9)
		for _, path := range append(picturesOf(open.Number), inLangs("/petitions/"+strconv.FormatInt(open.Number, 10)+"/share")...) {
			w := s.get(path)
			status(t, w, http.StatusGone)
			if body := w.Body.String(); strings.Contains(body, "Көкбұлақ") || strings.Contains(body, "Кокбулак") || strings.HasPrefix(body, "%PDF") {
				t.Errorf("%s of a petition that is %s shows what it was", path, state)
			}
		}
	}
}

// A petition whose text is not shown is drawn by its number.
func TestPicturesOfARefusedTextAreWithoutIt(t *testing.T) {
	s, open := full(t)
	s.change(open.ID, func(p petition.Petition) (petition.Change, error) {
		p.State, p.HideText, p.Refusal, p.RefusedAt = petition.Refused, true, &petition.Decision{Verdict: petition.Reject, Reason: "personal-data", Officer: 1, At: s.at}, s.at
		return petition.Change{Petition: p}, nil
	})
	s.at = s.at.Add(1e9)
	n := strconv.FormatInt(open.Number, 10)
	for _, path := range []string{"/petitions/" + n + "/badge.svg", "/ru/petitions/" + n + "/share", "/kk/petitions/" + n} {
		w := s.get(path)
		status(t, w, http.StatusOK)
		body := w.Body.String()
		for _, text := range texts() {
			if strings.Contains(body, text.Title) {
				t.Errorf("%s shows %q", path, text.Title)
			}
		}
		if !strings.Contains(body, n) {
			t.Errorf("%s has no number", path)
		}
	}
	for _, path := range picturesOf(open.Number) {
		status(t, s.get(path), http.StatusOK)
	}
}

func TestPicturesOfHardTitles(t *testing.T) {
	s := newSite(t, nil)
	for _, title := range []string{
		strings.Repeat("Щ", 80), strings.Repeat("👩‍👩‍👧‍👦", 80), "أوقفوا الحافلة ليلا", "\u202eevil\u202c \u200f", strings.Repeat("e\u0301", 80),
		`</svg><script>alert(1)</script>&"'`, "Көпір " + strings.Repeat("Ж", 74), "𝔅𝔯𝔦𝔡𝔤𝔢", "桥", "\u00ad\u200b",
	} {
		p := s.open(petition.Texts{"kk": {Title: title, Ask: strings.Repeat(title+" ", 3), Details: title}})
		for _, path := range picturesOf(p.Number) {
			w := s.get(path)
			status(t, w, http.StatusOK)
			intact(t, path+" "+title, w.Header().Get("Content-Type"), w.Body.Bytes())
		}
		for _, path := range inLangs("/petitions/" + strconv.FormatInt(p.Number, 10) + "/share") {
			if body := s.page(path, http.StatusOK); strings.Contains(body, "<script>alert") {
				t.Errorf("%s: %q is not escaped", path, title)
			}
		}
	}
}

// Nothing a site shows of a petition sends a reader's browser to another one.
func TestSharePageLoadsNothingFromElsewhere(t *testing.T) {
	s, open := full(t)
	for _, path := range inLangs("/petitions/" + strconv.FormatInt(open.Number, 10) + "/share") {
		body := s.page(path, http.StatusOK)
		for _, at := range []string{`src="http`, `src="//`, "<iframe", "<form", "<object"} {
			if strings.Contains(body, at) {
				t.Errorf("%s has %s", path, at)
			}
		}
		for _, want := range []string{"https://dauys.example/petitions/" + strconv.FormatInt(open.Number, 10), "mailto:?subject=", "poster.pdf?lang=kk", "poster.pdf?lang=ru", "poster.pdf?lang=en",
			"&lt;iframe src=", `id="share-text-kk"`, `id="share-text-ru"`, `id="share-text-en"`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
	}
}

func TestPetitionHeadHasItsPreview(t *testing.T) {
	s, open := full(t)
	n := strconv.FormatInt(open.Number, 10)
	body := s.page("/ru/petitions/"+n, http.StatusOK)
	for _, want := range []string{`property="og:title" content="Постройте пешеходную`, `property="og:image" content="https://dauys.example/petitions/` + n + `/card.png?lang=ru"`,
		`name="twitter:card"`, `property="og:locale" content="ru_RU"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(s.page("/ru/petitions/"+n+"/sign", http.StatusOK), "og:image") {
		t.Error("a form has a preview")
	}
}

func TestPicturesAreDrawnOnceAndOneAtATime(t *testing.T) {
	p := newPictures()
	var drawn, running int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			b, err := p.get(t.Context(), strconv.Itoa(i%4), func() ([]byte, error) {
				mu.Lock()
				if running++; running > 1 {
					t.Error("two at once")
				}
				drawn++
				mu.Unlock()
				defer func() { mu.Lock(); running--; mu.Unlock() }()
				return []byte{byte(i % 4)}, nil
			})
			if err != nil || b[0] != byte(i%4) {
				t.Errorf("%v %v", b, err)
			}
		})
	}
	wg.Wait()
	if drawn != 4 {
		t.Errorf("drawn %d times", drawn)
	}
	for i := range 2 * maxPictures {
		_, err := p.get(t.Context(), fmt.Sprint("more ", i), func() ([]byte, error) { return []byte{1}, nil })
		must(t, err)
	}
	if len(p.kept) != maxPictures || len(p.order) != maxPictures {
		t.Errorf("%d kept", len(p.kept))
	}
	if _, err := p.get(t.Context(), "bad", func() ([]byte, error) { return nil, io.ErrUnexpectedEOF }); !errors.Is(err, io.ErrUnexpectedEOF) || p.find("bad") != nil {
		t.Errorf("a failure is kept: %v", err)
	}
	p.slot <- struct{}{}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if _, err := p.get(gone, "new", nil); !errors.Is(err, httpd.ErrOverloaded) {
		t.Errorf("busy: %v", err)
	}
}
