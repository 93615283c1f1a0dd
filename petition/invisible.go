package petition

import "unicode"

// What cannot be seen and still changes what is read, or makes two texts differ
// that look the same (Unicode TR 36, TR 39).

// forbidden names characters that deceive a reader wherever they stand:
// controls, and the marks that turn or hide the text around them. Which joiners
// and tags scripts and emoji need, misplaced knows.
func forbidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r == '\u2028' || r == '\u2029': // line ends that are not '\n'
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u206f': // overrides, isolates
		return true
	case r == '\u200b', r >= '\u2060' && r <= '\u2064', r == '\ufeff', r == '\u180e', r == '\u034f': // no width
		return true
	case r >= '\ufff9' && r <= '\ufffb': // annotations
		return true
	case filler(r):
		return true
	}
	return unicode.IsControl(r)
}

// filler names letters that are blank.
func filler(r rune) bool {
	return r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0'
}

// mark names the invisible marks of direction, which a long text in two
// directions may need and a title does not.
func mark(r rune) bool { return r == '\u200e' || r == '\u200f' || r == '\u061c' }

func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// plain are the letters and digits of scripts that never need a joiner.
func plain(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Han) || unicode.IsDigit(r)
}

const blackFlag = '\U0001F3F4' // begins the flags that are spelt in tags

// misplaced reports whether a text has a joiner between letters that need none,
// or tags that do not spell a flag: both only hide something.
func misplaced(s string) bool {
	var before, base rune // the character before; the one before that is no tag
	for _, r := range s {
		tag := r >= '\U000E0000' && r <= '\U000E007F'
		switch {
		case tag && base != blackFlag, joiner(r) && plain(before), joiner(before) && plain(r):
			return true
		}
		if before = r; !tag {
			base = r
		}
	}
	return false
}

// visible tells what a reader sees from blanks and joiners.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != '\u2800' && !filler(r) && !unicode.Is(unicode.Mn, r)
}

// unseen names what two names may differ in without a reader's noticing.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
