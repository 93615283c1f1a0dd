package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

var errFull = errors.New("disk is full")

func TestClassify(t *testing.T) {
	table := NewTable(Mapping{Err: errFull, Status: 503, Key: "full", RetryAfter: time.Minute})
	fields := petition.FieldErrors{{Field: "title", Key: "too_long"}}
	tests := []struct {
		err    error
		status int
		key    string
		after  time.Duration
	}{
		{errors.New("sql: no such column"), 500, "internal", 0},
		{fmt.Errorf("page: %w", ErrNotFound), 404, "not_found", 0},
		{ErrGone, 410, "gone", 0},
		{ErrExpired, 410, "expired", 0},
		{ErrCrossSite, 403, "cross_site", 0},
		{petition.ErrClosed, 409, "closed", 0},
		{petition.ErrNotEligible, 422, "not_eligible", 0},
		{petition.ErrSameOfficer, 403, "same_officer", 0},
		{fmt.Errorf("start: %w", fields), 422, "fields", 0},
		{fields[0], 422, "fields", 0},
		{fmt.Errorf("x: %w", &http.MaxBytesError{Limit: 1}), 413, "too_large", 0},
		{fmt.Errorf("sign: %w", errFull), 503, "full", time.Minute},
		{RetryAfter(ErrRateLimited, 7*time.Second), 429, "rate_limited", 7 * time.Second},
		{ErrOverloaded, 503, "overloaded", 5 * time.Second},
		{context.DeadlineExceeded, 503, "overloaded", 5 * time.Second},
		{context.Canceled, 500, "internal", 0},
	}
	for _, tt := range tests {
		p := table.Classify(tt.err)
		if p.Status != tt.status || p.Key != tt.key || p.RetryAfter != tt.after {
			t.Errorf("%v: %+v, want %d %s %v", tt.err, p, tt.status, tt.key, tt.after)
		}
		if (p.Key == "fields") != (len(p.Fields) == 1) {
			t.Errorf("%v: fields %v", tt.err, p.Fields)
		}
	}
}

func TestEveryRowHasWordsInEveryLanguage(t *testing.T) {
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"internal", "fields", "full"}
	for _, m := range NewTable() {
		keys = append(keys, m.Key)
	}
	for _, l := range i18n.Langs() {
		for _, key := range keys {
			title, text := Problem{Key: key}.Words(bundle.Printer(l))
			if missing(title + text) {
				t.Errorf("%s: no words for %s", l, key)
			}
		}
		for _, key := range []string{"utf8", "nul", "required", "unknown", "one_line", "control", "email"} {
			got := FieldText(bundle.Printer(l), petition.FieldError{Key: key})
			if got == bundle.Printer(l).T("error.field.invalid") {
				t.Errorf("%s: no words for field key %s", l, key)
			}
		}
		long := FieldText(bundle.Printer(l), petition.FieldError{Key: "too_long", Args: map[string]any{"max": 80}})
		if !strings.Contains(long, "80") {
			t.Errorf("%s: %q does not say how long", l, long)
		}
	}
}

func TestPageErrorIsInLanguageOfPath(t *testing.T) {
	s, _ := testServer(t, nil)
	h := mux(s, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half a page")
		w.Header().Set("Etag", `"x"`)
		return ErrExpired
	})
	for lang, want := range map[string]string{"kk": "мерзімі", "ru": "истёк", "en": "expired"} {
		w := ask(h, "GET", "/"+lang+"/page/x", "Accept-Language", "en")
		body := w.Body.String()
		if w.Code != 410 || !strings.Contains(body, want) || strings.Contains(body, "half") || w.Header().Get("Etag") != "" {
			t.Errorf("%s: %d %q %v", lang, w.Code, body, w.Header())
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Language") != lang {
			t.Errorf("%s: headers %v", lang, w.Header())
		}
	}
}

func TestInjectedErrorPage(t *testing.T) {
	broken := false
	s, log := testServer(t, func(o *Options) {
		o.ErrorPage = func(w io.Writer, _ *http.Request, p Problem) error {
			if broken {
				return errors.New("template broke")
			}
			_, err := fmt.Fprintf(w, "our page %d", p.Status)
			return err
		}
	})
	h := mux(s, func(http.ResponseWriter, *http.Request) error { return ErrForbidden })
	if got := ask(h, "GET", "/en/page/x").Body.String(); got != "our page 403" {
		t.Errorf("body %q", got)
	}
	broken = true
	if w := ask(h, "GET", "/en/page/x"); w.Code != 403 || !strings.Contains(w.Body.String(), "may not") {
		t.Errorf("without template: %d %q", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "template broke") {
		t.Error("broken template is not logged")
	}
	s.errorPage = func(io.Writer, *http.Request, Problem) error { panic("template panicked") }
	if w := ask(h, "GET", "/en/page/x"); w.Code != 403 || !strings.Contains(w.Body.String(), "may not") {
		t.Errorf("with a template that panics: %d %q", w.Code, w.Body)
	}
}

func TestProblemDocument(t *testing.T) {
	s, _ := testServer(t, nil)
	h := mux(s, func(http.ResponseWriter, *http.Request) error {
		return petition.FieldErrors{{Field: "title", Key: "too_long", Args: map[string]any{"max": 80}}}
	})
	w := ask(h, "GET", "/api/v1/thing", "Accept-Language", "ru")
	var d document
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if w.Code != 422 || d.Status != 422 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %+v %v", w.Code, d, w.Header())
	}
	if d.Type != "https://petitions.example/api#problem-fields" || d.Title != "Проверьте, пожалуйста, форму" {
		t.Errorf("%+v", d)
	}
	if len(d.Errors) != 1 || d.Errors[0].Field != "title" || !strings.Contains(d.Errors[0].Detail, "80") {
		t.Errorf("errors %+v", d.Errors)
	}
}

func TestRetryAfterHeader(t *testing.T) {
	s, _ := testServer(t, nil)
	h := mux(s, func(http.ResponseWriter, *http.Request) error {
		return RetryAfter(ErrRateLimited, 1200*time.Millisecond)
	})
	if w := ask(h, "GET", "/en/page/x"); w.Code != 429 || w.Header().Get("Retry-After") != "2" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestMuxRefusalsGetProperAnswers(t *testing.T) {
	s, _ := testServer(t, nil)
	h := mux(s, func(http.ResponseWriter, *http.Request) error { return nil })
	if w := ask(h, "GET", "/kk/nowhere"); w.Code != 404 || !strings.Contains(w.Body.String(), "Мұндай бет жоқ") {
		t.Errorf("page: %d %q", w.Code, w.Body)
	}
	if w := ask(h, "GET", "/petitions/x.json"); w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("json: %d %v", w.Code, w.Header())
	}
	if w := ask(h, "GET", "/en/form"); w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("method: %d %v", w.Code, w.Header())
	}
}

func TestPanicIs500AndLogged(t *testing.T) {
	s, log := testServer(t, nil)
	h := mux(s, func(http.ResponseWriter, *http.Request) error { panic("boom for aliya@mail.example") })
	w := ask(h, "GET", "/en/page/x")
	if w.Code != 500 || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	for _, want := range []string{"boom", "errors_test.go", "GET /{lang}/page/{token}", "level=ERROR"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log lacks %q: %s", want, log)
		}
	}
	if strings.Contains(log.String(), "aliya") {
		t.Error("log names a person")
	}
	if w := ask(h, "GET", "/livez"); w.Code != 200 {
		t.Errorf("afterwards: %d", w.Code)
	}
}

func TestClientThatLeftMakesNoNoise(t *testing.T) {
	s, log := testServer(t, nil)
	h := mux(s, func(_ http.ResponseWriter, r *http.Request) error { return fmt.Errorf("store: %w", r.Context().Err()) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/api/v1/thing", nil))
	if strings.Contains(log.String(), "ERROR") || w.Body.Len() > 0 {
		t.Errorf("log %s body %q", log, w.Body)
	}
	if got := exposition(t, s); !strings.Contains(got, `{class="499",route="GET /api/v1/thing"} 1`) {
		t.Errorf("metrics: %s", got)
	}
}

func TestLateErrorCutsTheConnection(t *testing.T) {
	s, _ := testServer(t, nil)
	srv := httptest.NewServer(mux(s, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = w.Write(make([]byte, 2*heldMax))
		return errors.New("store went away")
	}))
	defer srv.Close()
	res, err := http.Get(srv.URL + "/en/page/x")
	if err == nil {
		_, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	if err == nil {
		t.Error("half an answer looked whole")
	}
}

func TestUnavailableWarnsOnceASecond(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s, log := testServer(t, func(o *Options) {
		o.Now = func() time.Time { return now }
		o.Mappings = []Mapping{{Err: errFull, Status: 503, Key: "full", RetryAfter: time.Minute}}
	})
	h := mux(s, func(http.ResponseWriter, *http.Request) error { return errFull })
	for range 5 {
		ask(h, "GET", "/en/page/x")
	}
	now = now.Add(time.Second)
	ask(h, "GET", "/en/page/x")
	if got := strings.Count(log.String(), "disk is full"); got != 2 {
		t.Errorf("%d warnings in two seconds: %s", got, log)
	}
}
