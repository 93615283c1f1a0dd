package settings

import (
	"strconv"
	"strings"

	"github.com/dauys/dauys/register"
)

// letters are how the id of a body spells Cyrillic, as road signs do; Kazakh
// letters as the nearest one without a mark.
func letters() map[rune]string {
	m := map[rune]string{'ж': "zh", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ю': "yu", 'я': "ya", 'ъ': "", 'ь': ""}
	const from, to = "абвгдеёзийклмнопрстуфыэәғқңөұүһі", "abvgdeeziiklmnoprstufyeagqnouuhi"
	latin := []rune(to)
	for i, r := range []rune(from) {
		m[r] = string(latin[i])
	}
	return m
}

// longestID leaves room for a number after it.
const longestID = 48

// BodyID is an id for a body whose name somebody typed and whose id they did
// not: the name in small Latin letters, with a number when taken says that
// another body has it already. "" when the name has nothing to spell.
func BodyID(name string, taken func(id string) bool) string {
	spell := letters()
	var b strings.Builder
	gap, cut := false, false
	for _, r := range strings.ToLower(name) {
		s, known := spell[r]
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			s, known = string(r), true
		}
		if !known {
			gap = true
			continue
		}
		if gap && b.Len() > 0 && s != "" {
			b.WriteByte('-')
		}
		if gap = gap && s == ""; b.Len()+len(s) > longestID {
			cut = true
			break
		}
		b.WriteString(s)
	}
	base := b.String()
	if last := strings.LastIndexByte(base, '-'); cut && last > 0 { // at the end of a word
		base = base[:last]
	}
	base = strings.TrimRight(base, "-")
	if !register.ValidID(base) {
		return ""
	}
	id := base
	for n := 2; taken(id); n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	return id
}
