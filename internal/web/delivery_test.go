package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// sendDocuments posts a multipart form: values as name, value pairs, and one document.
func (s *testSite) sendDocuments(path, cookie, name string, document []byte, pairs ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		must(s.t, m.WriteField(pairs[i], pairs[i+1]))
	}
	f, err := m.CreateFormFile("file", name)
	must(s.t, err)
	_, err = f.Write(document)
	must(s.t, err)
	must(s.t, m.Close())
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Cookie", cookie)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// reached is an open petition that waits to be handed to its body.
func (s *testSite) reached() petition.Petition {
	s.t.Helper()
	p := s.open(texts())
	s.sign(p.ID, 1000, 10_000, "")
	return s.load(p.ID)
}

func TestDeliveryAndAnswerWithDocuments(t *testing.T) {
	s := newSite(t, nil)
	p := s.reached()
	public := petitionPath(p.Number)
	auditor := s.login("auditor@desk.example", store.Auditor)
	for _, name := range []string{"/pack.txt", "/pack.pdf"} {
		status(t, s.get(caseURL("kk", p.ID)+name), http.StatusUnauthorized)
		status(t, s.get(caseURL("kk", p.ID)+name, "Cookie", auditor), http.StatusForbidden)
	}
	if body := s.get("/ru" + public).Body.String(); !strings.Contains(body, "Ещё не вручена") {
		t.Error("the timeline does not say that it was not delivered")
	}
	cookie := s.login("dana@desk.example", store.Moderator)
	path := caseURL("ru", p.ID)
	status(t, s.get(path, "Cookie", cookie), http.StatusOK)
	today := s.law.Today(s.at).String()
	form := []string{"stage", "answer", "on", today, "channel", "eotinish", "ref", "ЖТ-7", "confirm", "yes"}
	pdf := []byte("%PDF-1.7\nинвалидный, но подписанный")
	for name, document := range map[string]string{"x.pdf": "<script>alert(1)</script>", "x.html": string(pdf), "macro.docx": "PK\x03\x04[Content_Types].xml word/document.xml vbaProject.bin", "x.exe": "MZ"} {
		w := s.sendDocuments(path+"/delivery", cookie, name, []byte(document), form...)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "f-file-error") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := s.sendDocuments(path+"/delivery", cookie, "big.pdf", append(pdf, make([]byte, 11<<20)...), form...); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("11 MB: %d", w.Code)
	}
	if w := s.sendDocuments(path+"/delivery", cookie, "x.pdf", pdf, "stage", "answer", "on", "tomorrow", "channel", "post"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no day: %d", w.Code)
	}
	w := s.sendDocuments(path+"/delivery", cookie, "x.pdf", pdf, form[:8]...) // a page cannot hand documents on
	status(t, w, http.StatusOK)
	if f := oneForm(t, dom(t, w), path+"/delivery"); f.values.Get("ref") != "ЖТ-7" || !strings.Contains(w.Body.String(), "f-file-error") {
		t.Errorf("the question has %v", f.values)
	}
	status(t, s.sendDocuments(path+"/delivery", cookie, "../../etc/скан.pdf", pdf, form...), http.StatusSeeOther)
	s.at = s.at.Add(time.Second) // pages are kept for a moment
	d, ok := s.load(p.ID).Delivered("answer")
	if !ok || d.Ref != "ЖТ-7" || len(d.Files) != 1 || d.Files[0].Name != "скан.pdf" || d.Files[0].Type != "application/pdf" {
		t.Fatalf("delivery %+v", d)
	}
	for _, l := range []string{"kk", "ru", "en"} {
		w := s.get("/" + l + public)
		dom(t, w)
		for _, want := range []string{"ЖТ-7", "/files/" + d.Files[0].Hash, "скан.pdf"} {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s lacks %q", l, want)
			}
		}
		dom(t, s.get(caseURL(petition.Lang(l), p.ID), "Cookie", cookie))
	}
	file := s.get("/files/" + d.Files[0].Hash)
	status(t, file, http.StatusOK)
	h := file.Header()
	if !bytes.Equal(file.Body.Bytes(), pdf) || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename=dauys-") ||
		!strings.Contains(h.Get("Cache-Control"), "immutable") {
		t.Errorf("the document comes with %v", h)
	}
	for _, bad := range []string{strings.Repeat("0", 64), "x", "..%2fx"} {
		if w := s.get("/files/" + bad); w.Code != http.StatusNotFound {
			t.Errorf("/files/%s: %d", bad, w.Code)
		}
	}
	s.answeredElsewhere(t, p, cookie)
}

// answeredElsewhere records an answer that came by another way.
func (s *testSite) answeredElsewhere(t *testing.T, p petition.Petition, cookie string) {
	t.Helper()
	path, public := caseURL("ru", p.ID)+"/answer", petitionPath(p.Number)
	png := []byte("\x89PNG\r\n\x1a\n....")
	answer := []string{"outcome", "partly", "answer.ru", "Дорога будет.", "confirm", "yes"}
	if w := s.sendDocuments(path, cookie, "scan.png", png, answer...); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "f-source") {
		t.Errorf("an answer from nowhere: %d", w.Code)
	}
	status(t, s.sendDocuments(path, cookie, "scan.png", png, append(answer, "source", "https://akimat.example/1")...), http.StatusSeeOther)
	s.at = s.at.Add(time.Second)
	for _, l := range []string{"kk", "ru", "en"} {
		body := s.get("/" + l + public).Body.String()
		for _, want := range []string{`href="https://akimat.example/1"`, "scan.png"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q", l, want)
			}
		}
	}
}

func TestOfficersOfOtherBodiesDeliverNothing(t *testing.T) {
	s := newSite(t, nil)
	p := s.reached()
	path := caseURL("kk", p.ID) + "/delivery"
	form := []string{"stage", "answer", "on", s.law.Today(s.at).String(), "channel", "hand", "confirm", "yes"}
	for _, c := range []struct {
		role store.Role
		body string
		want int
	}{{store.Officer, "maslikhat-kokbulak", http.StatusForbidden}, {store.Auditor, "", http.StatusForbidden}, {store.Officer, ourBody, http.StatusSeeOther}, {store.Admin, "", http.StatusConflict}} {
		cookie := s.loginFor(string(c.role)+c.body+"@desk.example", c.role, c.body)
		if w := s.sendDocuments(path, cookie, "", nil, form...); w.Code != c.want {
			t.Errorf("%s of %q: %d, want %d", c.role, c.body, w.Code, c.want)
		}
	}
}

func TestPagesOfBodies(t *testing.T) {
	s := newSite(t, nil)
	for _, path := range inLangs("/bodies") {
		dom(t, s.get(path))
	}
	_, err := s.store.SaveBodies(t.Context(), 0, []register.Body{{ID: ourBody, Kind: "akimat", Names: map[string]string{"ru": "Акимат"}}}, s.at)
	must(t, err)
	late := s.asked("Late")
	young := s.open(titled("Young"))
	s.at = s.law.Duty(late).AnswerBy.AddDays(1).Midnight(s.law.Location)
	for _, path := range inLangs("/bodies") {
		w := s.get(path)
		status(t, w, http.StatusOK)
		dom(t, w)
		if body := w.Body.String(); !strings.Contains(body, "/bodies/"+ourBody) || !strings.Contains(body, `overdue">1<`) {
			t.Errorf("%s does not say that the body is late", path)
		}
	}
	s.respond(late.ID)
	for _, path := range inLangs("/bodies/" + ourBody) {
		w := s.get(path)
		status(t, w, http.StatusOK)
		dom(t, w)
		for _, want := range []string{petitionPath(late.Number), petitionPath(young.Number)} {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
	}
	for _, bad := range []string{"/kk/bodies/nobody", "/kk/bodies/..x", "/kk/bodies/A"} {
		if w := s.get(bad); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}
