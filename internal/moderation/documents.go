package moderation

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// The documents of one act: how many, and how large all together.
const (
	MaxDocuments = 5
	MaxDocument  = 10 << 20
)

// Document is what an officer attaches to an act.
type Document struct {
	Name string // as the browser sent it
	Data []byte
}

// format is a kind of document that is taken, by its content.
type format struct {
	media      string
	extensions []string
	is         func([]byte) bool
}

var formats = []format{
	{"application/pdf", []string{".pdf"}, starts("%PDF-")},
	{"image/png", []string{".png"}, starts("\x89PNG\r\n\x1a\n")},
	{"image/jpeg", []string{".jpg", ".jpeg"}, starts("\xff\xd8\xff")},
	{"application/vnd.oasis.opendocument.text", []string{".odt"}, isODT},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}, isDOCX},
}

func starts(mark string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(mark)) }
}

// zipMark begins every entry of a zip archive; the first name stands at 30.
const zipMark = "PK\x03\x04"

// isODT looks for the first entry that the format demands, unpacked.
func isODT(b []byte) bool {
	const first = "mimetypeapplication/vnd.oasis.opendocument.text"
	return starts(zipMark)(b) && len(b) > 30+len(first) && string(b[30:30+len(first)]) == first && b[30+len(first)] == 'P'
}

// isDOCX looks for the names of the parts; one with macros is none.
func isDOCX(b []byte) bool {
	return starts(zipMark)(b) && bytes.Contains(b, []byte("[Content_Types].xml")) && bytes.Contains(b, []byte("word/document.xml")) &&
		!bytes.Contains(b, []byte("vbaProject.bin"))
}

// media is the type that the content of a document has, and whether its name
// says the same; "" for what is not taken.
func (d Document) media() string {
	ext := strings.ToLower(path.Ext(petition.FileName(d.Name)))
	for _, f := range formats {
		if !f.is(d.Data) {
			continue
		}
		if slices.Contains(f.extensions, ext) {
			return f.media
		}
	}
	return ""
}

// checkDocuments refuses what is not a document of a known type, and too many.
func checkDocuments(docs []Document) error {
	size := 0
	for _, d := range docs {
		size += len(d.Data)
		if d.media() == "" {
			return petition.FieldErrors{{Field: "file", Key: "file_type"}}
		}
	}
	if len(docs) > MaxDocuments || size > MaxDocument {
		return petition.FieldErrors{{Field: "file", Key: "file_many"}}
	}
	return nil
}

// keepDocuments writes the documents in the transaction of their act.
func keepDocuments(tx *store.Tx, docs []Document) ([]petition.Attachment, error) {
	var files []petition.Attachment
	for _, d := range docs {
		media := d.media()
		hash, err := tx.PutFile(media, d.Data)
		if err != nil {
			return nil, err
		}
		files = append(files, petition.Attachment{Hash: hash, Name: petition.FileName(d.Name), Type: media, Size: int64(len(d.Data))})
	}
	return files, nil
}
