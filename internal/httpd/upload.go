package httpd

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Upload is a document that was sent with a form.
type Upload struct {
	Field string
	Name  string // as the browser sent it: only ever shown, never a path
	Data  []byte
}

// What a form with documents may have beside them, and how long a slow line
// may take to send it.
const (
	maxUploadParts  = 64
	maxUploadFields = 256 << 10 // all text fields together
	uploadTime      = 3 * time.Minute
)

// ParseUpload reads a form that may bring documents, as multipart/form-data, of
// up to max bytes in all; any other form is read by ParseForm. Everything is
// held in memory, so call it only for those who were let in. An input without a
// document is left out. Errors are those of ParseForm.
func ParseUpload(w http.ResponseWriter, r *http.Request, max int64) (url.Values, []Upload, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" {
		form, err := ParseForm(r)
		return form, nil, err
	}
	rw, ok := w.(*response)
	if !ok {
		return nil, nil, errors.New("httpd: ParseUpload needs the writer it was given")
	}
	rw.limitBody(r, max+maxUploadFields)
	if err := http.NewResponseController(rw.w).SetReadDeadline(rw.s.now().Add(uploadTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, nil, err
	}
	form, files, err := readParts(r, max)
	if err != nil {
		return nil, nil, err
	}
	return form, files, checkText(form)
}

func readParts(r *http.Request, max int64) (url.Values, []Upload, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: form cannot be read", ErrBadRequest)
	}
	form, files := url.Values{}, []Upload(nil)
	fields := int64(maxUploadFields)
	for range maxUploadParts {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return form, files, nil
		} else if err != nil {
			return nil, nil, uploadError(err)
		}
		name, document := part.FormName(), part.FileName() != "" || strings.Contains(part.Header.Get("Content-Disposition"), "filename")
		room := fields
		if document {
			room = max
		}
		b, err := io.ReadAll(io.LimitReader(part, room+1))
		switch {
		case err != nil:
			return nil, nil, uploadError(err)
		case int64(len(b)) > room:
			return nil, nil, fmt.Errorf("%w: part of a form", ErrTooLarge)
		case document && len(b) > 0:
			files = append(files, Upload{Field: name, Name: part.FileName(), Data: b})
			max -= int64(len(b))
		case !document:
			form.Add(name, string(b))
			fields -= int64(len(b))
		}
	}
	return nil, nil, fmt.Errorf("%w: a form of too many parts", ErrTooLarge)
}

func uploadError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fmt.Errorf("%w: request body", ErrTooLarge)
	}
	return fmt.Errorf("%w: form broke off", ErrBadRequest)
}
