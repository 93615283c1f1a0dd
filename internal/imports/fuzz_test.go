package imports

import (
	"bytes"
	"errors"
	"testing"
)

func fuzz(t *testing.T, b []byte) {
	ended := false
	for rec, err := range Read(bytes.NewReader(b), "x") {
		if ended {
			t.Fatal("something after a FileError")
		}
		var row *RowError
		var file *FileError
		switch {
		case err == nil:
			if err := invalid(rec); err != nil {
				t.Fatal(err)
			}
		case errors.As(err, &row):
			if row.Line < 1 || row.Line > 1+bytes.Count(b, []byte{'\n'}) {
				t.Fatal("line", row.Line)
			}
		case errors.As(err, &file):
			ended = true
		default:
			t.Fatalf("%T", err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{good(1), "\"A\nB\"," + url1 + ",open,1\r\n", "\"A," + url1 + ",open,1\nB\"," + url1 + ",open,1", "%2Da," + url1 + ",closed,0", "\"\"\"", "\n\n,\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, rows []byte) { fuzz(t, append([]byte(head), rows...)) })
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{fullDocument, document(doc(1, least), doc(1, least)), document("1"), `{"data":{}}`, `{"data":[{"a":"\ud800\udc00"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(fuzz)
}
