package httpd

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// upload sends a multipart form through the chain and returns what was read.
func upload(t *testing.T, media string, body []byte, max int64) (url.Values, []Upload, error) {
	t.Helper()
	var form url.Values
	var files []Upload
	var got error
	s, _ := testServer(t, nil)
	h := mux(s, func(w http.ResponseWriter, r *http.Request) error {
		form, files, got = ParseUpload(w, r, max)
		return got
	})
	r := httptest.NewRequest("POST", "/en/form", bytes.NewReader(body))
	r.Header.Set("Content-Type", media)
	h.ServeHTTP(httptest.NewRecorder(), r)
	return form, files, got
}

func multi(t *testing.T, fill func(*multipart.Writer)) (string, []byte) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	fill(m)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return m.FormDataContentType(), b.Bytes()
}

func TestParseUpload(t *testing.T) {
	document := bytes.Repeat([]byte("x"), 200<<10) // more than any other form may have
	media, body := multi(t, func(m *multipart.Writer) {
		_ = m.WriteField("ref", "ЖТ-1")
		for _, name := range []string{"ответ.pdf", "../x"} {
			f, _ := m.CreateFormFile("file", name)
			_, _ = f.Write(document)
		}
		_, _ = m.CreateFormFile("empty", "")
	})
	form, files, err := upload(t, media, body, 1<<20)
	if err != nil || form.Get("ref") != "ЖТ-1" || len(files) != 2 || !bytes.Equal(files[1].Data, document) || files[0].Name != "ответ.pdf" || strings.Contains(files[1].Name, "/") {
		t.Fatalf("%v, %d files, %v", form, len(files), err)
	}
	if _, _, err := upload(t, media, body, 300<<10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("two documents of 200 kB in 300: %v", err)
	}
	if _, _, err := upload(t, media, body[:len(body)/2], 1<<20); !errors.Is(err, ErrBadRequest) {
		t.Errorf("half a form: %v", err)
	}
	form, files, err = upload(t, "application/x-www-form-urlencoded", []byte("a=b"), 1<<20)
	if err != nil || form.Get("a") != "b" || files != nil {
		t.Errorf("a plain form: %v %v", form, err)
	}
	media, body = multi(t, func(m *multipart.Writer) { _ = m.WriteField("a", "x\xff") })
	if _, _, err := upload(t, media, body, 1<<20); err == nil {
		t.Error("a field that is no text is taken")
	}
	media, body = multi(t, func(m *multipart.Writer) {
		for i := range maxUploadParts + 1 {
			_ = m.WriteField(fmt.Sprint(i), "")
		}
	})
	if _, _, err := upload(t, media, body, 1<<20); !errors.Is(err, ErrTooLarge) {
		t.Errorf("many parts: %v", err)
	}
	media, body = multi(t, func(m *multipart.Writer) { _ = m.WriteField("a", strings.Repeat("x", maxUploadFields+1)) })
	if _, _, err := upload(t, media, body, 1<<20); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long field: %v", err)
	}
}

func FuzzParseUpload(f *testing.F) {
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../x\"\r\n\r\ny\r\n--b--\r\n"))
	f.Add("multipart/form-data; boundary=", []byte("--\r\n"))
	f.Add("multipart/form-data", []byte(""))
	f.Fuzz(func(t *testing.T, media string, body []byte) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.Header["Content-Type"] = []string{media}
		form, files, err := readParts(r, 100)
		size := 0
		for _, u := range files {
			size += len(u.Data)
		}
		if size > 100 || err != nil && (form != nil || files != nil) {
			t.Fatalf("%d bytes of documents, %v", size, err)
		}
	})
}
