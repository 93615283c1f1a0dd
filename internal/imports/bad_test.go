package imports

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

const head = "Petition,URL,State,Signatures Count\n"

// good is a row of a list with that number and a title like it.
func good(n int) string {
	return fmt.Sprintf("T%d,https://p.example/petitions/%d,open,%d\n", n, n, n)
}

// url1 keeps the rows of the table short.
const url1 = "https://p.example/petitions/1"

func TestBadRows(t *testing.T) {
	long := strings.Repeat("ң", MaxTitle)
	for _, c := range []struct {
		name, rows string // from line 2; the numbers 8 and 9 stand around
		want       []string
	}{
		{"fields", "A," + url1 + ",open", []string{"2: 3 fields, want 4"}},
		{"more fields", "A,B," + url1 + ",open,1", []string{"2: 5 fields, want 4"}},
		{"empty title", "," + url1 + ",open,1\n\"  \"," + url1 + ",open,1", []string{"2: empty title", "3: empty title"}},
		{"long title", long + "x," + url1 + ",open,1", []string{"2: title of 256 characters, at most 255"}},
		{"NUL", "A\x00," + url1 + ",open,1", []string{"2: NUL in the text"}},
		{"UTF-8", "A\xff," + url1 + ",open,1", []string{"2: invalid UTF-8"}},
		{"count", "A," + url1 + ",open,x", []string{`2: signatures count: not a whole number: "x"`}},
		{"no count", "A," + url1 + ",open,", []string{`2: signatures count: no number`}},
		{"negative", "A," + url1 + ",open,-1", []string{`2: signatures count: negative number: "-1"`}},
		{"fraction", "A," + url1 + ",open,1.5", []string{`2: signatures count: not a whole number: "1.5"`}},
		{"big", "A," + url1 + ",open,9007199254740993", []string{`2: signatures count: number over 2^53: "9007199254740993"`}},
		{"huge", "A," + url1 + ",open,99999999999999999999", []string{`2: signatures count: number over 2^53: "99999999999999999999"`}},
		{"URL", "A,petitions/1,open,1", []string{`2: not the URL of a petition: "petitions/1"`}},
		{"URL path", "A,https://p.example/x/petitions/1,open,1", []string{`2: not the URL of a petition: "https://p.example/x/petitions/1"`}},
		{"URL number", "A,https://p.example/petitions/-1,open,1", []string{`2: not the URL of a petition: "https://p.example/petitions/-1"`}},
		{"URL host", "A,https:///petitions/1,open,1", []string{`2: not the URL of a petition: "https:///petitions/1"`}},
		{"long value", "A," + url1 + "," + strings.Repeat("s", 99) + ",1",
			[]string{`2: unknown state "` + strings.Repeat("s", 60) + `…", want one of open, closed, rejected`}},
		{"CR after quote", "\"A\"\r," + url1 + ",open,1", []string{"2: text after a closing quote"}},
		{"zero", "A,https://p.example/petitions/0,open,1", []string{`2: petition number starts with 0: "https://p.example/petitions/0"`}},
		{"state", "A," + url1 + ",hidden,1", []string{`2: unknown state "hidden", want one of open, closed, rejected`}},
		{"bare quote", "A \"b\"," + url1 + ",open,1", []string{"2: quote inside an unquoted field"}},
		{"after quote", "\"A\"b," + url1 + ",open,1", []string{"2: text after a closing quote"}},
		{"open quote", "\"A," + url1 + ",open,1", []string{"2: quote not closed"}},
		{"open quotes", "\"A," + url1 + ",open,1\n\"B," + url1 + ",open,1", []string{"2: text after a closing quote", "3: quote not closed"}},
		{"open quote closed later", "\"A," + url1 + ",open,1\n" + good(3) + "B\"," + url1 + ",open,1",
			[]string{"2: quote not closed before the next row", "4: quote inside an unquoted field"}},
		{"several lines", "\"A\nB\nC\"," + url1 + ",open,x\nD", []string{`2: signatures count: not a whole number: "x"`, "5: 1 fields, want 4"}},
		{"blank lines", "\n\r\nA\n\nB", []string{"4: 1 fields, want 4", "6: 1 fields, want 4"}},
		{"other duplicate", good(8) + strings.Replace(good(8), ",8", ",9", 1), []string{"3: petition 8 stands on line 2 with other content"}},
		{"archived duplicate", strings.Replace(good(8), "petitions/", "archived/petitions/", 1) + good(8),
			[]string{"3: petition 8 stands on line 2 with other content"}},
		{"long row", strings.Repeat("x", 3*maxRow) + "\nA", []string{"2: row longer than 64 KiB", "3: 1 fields, want 4"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := head + strings.TrimSuffix(c.rows, "\n") + "\n" + good(9)
			if !strings.Contains(c.rows, "T8") {
				in += good(8)
			}
			recs, faults := collect(strings.NewReader(in), "f.csv")
			var want []string
			for _, w := range c.want {
				want = append(want, "f.csv:"+w)
			}
			if !reflect.DeepEqual(faults, want) {
				t.Errorf("faults %q\nwant   %q", faults, want)
			}
			got := make(map[int64]bool)
			for _, r := range recs {
				got[r.Number] = true
				if err := invalid(r); err != nil {
					t.Error(err)
				}
			}
			if !got[8] || !got[9] || strings.Contains(in, "T3") && !got[3] {
				t.Error("good rows lost:", got)
			}
		})
	}
}

func TestGoodRows(t *testing.T) {
	in := head +
		"\"%2DA, \"\"b\"\"\r\n日本\",https://p.example/petitions/1.json,open,0\r\n" +
		"%2b1,ftp://h:1/archived/petitions/2,rejected,7\n\n" +
		"%3Dx,https://p.example/petitions/3,closed,9007199254740992\n" +
		"%40,https://p.example/petitions/4,open,1\n" +
		"%41 100%2D," + "\"https://p.example/petitions/5\",\"open\",\"1\"\n" +
		strings.Repeat("ң", MaxTitle) + ",https://p.example/petitions/6,open,1\n" +
		good(9) + good(9) + "last ,https://p.example/petitions/10,open,1"
	recs, faults := collect(strings.NewReader(in), "x")
	var got []string
	for _, r := range recs[:5] {
		got = append(got, fmt.Sprintf("%d %d %v %s %d %q", r.Line, r.Number, r.Archived, r.State, r.SignatureCount, r.Title))
	}
	want := []string{
		`2 1 false open 0 "-A, \"b\"\n日本"`, `4 2 true rejected 7 "+1"`, `6 3 false closed 9007199254740992 "=x"`,
		`7 4 false open 1 "@"`, `8 5 false open 1 "%41 100%2D"`,
	}
	if !reflect.DeepEqual(got, want) || len(recs) != 9 || len(faults) > 0 {
		t.Errorf("got  %q\nwant %q\n%d rows, faults %q", got, want, len(recs), faults)
	}
	if recs[6].Hash != recs[7].Hash || recs[8].Title != "last " {
		t.Errorf("%+v", recs[6:])
	}
}

func TestBadPetitions(t *testing.T) {
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	for _, c := range []struct{ in, want string }{
		{`7`, `2: a petition is a number, want an object`},
		{`{"type":"petition","attributes":{}}`, `2: no id`},
		{`{"type":"petition","id":"1","attributes":{}}`, `2: id is a string, want a number`},
		{`{"type":"petition","id":0,"attributes":{}}`, `2: id is 0`},
		{`{"type":"petition","id":1}`, `2: no attributes`},
		{`{"type":"letter","id":1,"attributes":{}}`, `2: type "letter", want "petition" or "archived-petition"`},
		{doc(1, ``), `2: no action`},
		{doc(1, `"action":"A","state":"open"`), `2: no signature_count`},
		{doc(1, `"action":null`), `2: action is null, want a string`},
		{doc(1, `"action":" "`), `2: empty title`},
		{doc(1, "\n\"action\":\""+strings.Repeat("x", 256)+`"`), `3: title of 256 characters, at most 255`},
		{doc(1, "\n\n\"state\":\"hidden\""), `4: unknown state "hidden", want one of open, closed, rejected`},
		{doc(1, `"signature_count":-1`), `2: signature_count: negative number: "-1"`},
		{doc(1, `"signature_count":1.0`), `2: signature_count: not a whole number: "1.0"`},
		{doc(1, `"signature_count":1e3`), `2: signature_count: not a whole number: "1e3"`},
		{doc(1, `"signature_count":null`), `2: signature_count is null, want a number`},
		{doc(1, least+`,"created_at":"yesterday"`), `2: created_at is not a time (RFC 3339): "yesterday"`},
		{doc(1, least+`,"created_at":"0001-01-01T00:00:00Z"`), `2: created_at is out of range: "0001-01-01T00:00:00Z"`},
		{doc(1, least+`,"closing_date":"2019-02-30"`), `2: closing_date is not a date (YYYY-MM-DD): "2019-02-30"`},
		{doc(1, least+`,"closing_date":""`), `2: closing_date is not a date (YYYY-MM-DD): ""`},
		{doc(1, least+`,"topics":{}`), `2: topics is an object, want a list`},
		{doc(1, least+`,"topics":[1]`), `2: topic is a number, want a string`},
		{doc(1, least+`,"departments":[1]`), `2: department is a number, want an object`},
		{doc(1, least+`,"debate":{"debated_on":1}`), `2: debated_on is a number, want a string`},
		{doc(1, least+`,"rejection":"x"`), `2: rejection is a string, want an object`},
		{doc(1, least+",\"signatures_by_region\":[\n{},{}]"), `3: signatures_by_region without signature_count`},
		{doc(1, least+`,"state":"open"`), `2: key "state" given twice`},
		{doc(1, least+`,"x":{"a":1,"\u0061":2}`), `2: key "a" given twice`},
		{doc(1, least+`,"background":"a\u0000"`), `2: NUL in the text`},
		{doc(1, least+`,"background":"\ud800x"`), `2: half a surrogate pair in the text`},
		{doc(1, least+`,"background":"\udc00"`), `2: half a surrogate pair in the text`},
		{doc(1, least+",\"background\":\"\xff\""), `2: invalid UTF-8`},
		{doc(1, least+`,"x":`+deep), `2: nested deeper than 64 levels`},
		{doc(9, least+`,"x":1`) + "," + doc(9, least), `2: petition 9 stands on line 2 with other content`},
	} {
		recs, faults := collect(strings.NewReader(document(c.in, doc(8, least))), "f.json")
		if !reflect.DeepEqual(faults, []string{"f.json:" + c.want}) {
			t.Errorf("%s\n got  %q\n want %q", c.in, faults, c.want)
		}
		if len(recs) == 0 || recs[len(recs)-1].Number != 8 {
			t.Errorf("%s: the next petition is lost", c.in)
		}
	}
}

func TestBadFiles(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		in   io.Reader
		want string
		is   error
	}{
		{"empty", strings.NewReader(""), "f: the file is empty", ErrEmpty},
		{"blank", strings.NewReader(byteOrderMark + " \n"), "f: the file is empty", ErrEmpty},
		{"other CSV", strings.NewReader("\na,b\n"), "f:2: " + ErrUnknown.Error(), ErrUnknown},
		{"local CSV", strings.NewReader("Petition,URL,State,Local Signatures,Total Signatures\n"), "f:1: " + ErrUnknown.Error(), ErrUnknown},
		{"binary", strings.NewReader("\x7fELF\"\x00"), "f:1: " + ErrUnknown.Error(), ErrUnknown},
		{"list of JSON", strings.NewReader("[]"), "f:1: " + ErrUnknown.Error(), ErrUnknown},
		{"syntax", strings.NewReader("{\n\"data\":\n}"), "f:3: invalid character '}' looking for beginning of value", nil},
		{"cut off", strings.NewReader("{\n\"data\":[\n"), "f:2: unexpected end of JSON input", nil},
		{"no data", strings.NewReader("\n{}"), `f:2: no key "data": ` + ErrUnknown.Error(), nil},
		{"null data", strings.NewReader(`{"data":null}`), `f:1: data is null, want an object or a list`, nil},
		{"data twice", strings.NewReader("{\"data\":[],\n\"data\":[]}"), `f:2: key "data" given twice`, nil},
		{"fails", iotest.ErrReader(broken), "f: broken", broken},
		{"fails later", io.MultiReader(strings.NewReader(head+good(1)+"x"), iotest.ErrReader(broken)), "f:3: broken", broken},
		{"JSON fails", io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)), "f: broken", broken},
		{"big JSON", io.MultiReader(strings.NewReader("{"), spaces{}), "f: more than 64 MiB", ErrTooBig},
		{"big CSV", io.MultiReader(strings.NewReader(head), spaces{}), "f:2: more than 64 MiB", ErrTooBig},
	} {
		var last error
		for _, err := range Read(c.in, "f") {
			if err != nil {
				last = err
			}
		}
		var file *FileError
		if !errors.As(last, &file) || last.Error() != c.want || c.is != nil && !errors.Is(last, c.is) {
			t.Errorf("%s: got %v, want %s", c.name, last, c.want)
		}
	}
}

// spaces never ends.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestStopsWhenAsked(t *testing.T) {
	for _, in := range []string{
		head + good(1) + good(2), head + "bad\n" + good(2), head + "\"\n" + good(2),
		document(doc(1, least), doc(2, least)), document("1", doc(2, least)),
	} {
		n := 0
		for range Read(strings.NewReader(in), "x") {
			n++
			break
		}
		if n != 1 {
			t.Errorf("%q: %d", in, n)
		}
	}
}
