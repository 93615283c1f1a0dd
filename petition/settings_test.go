package petition

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func settingsRules(fixed Settings) SettingsRules {
	open := &Profile{ID: "open", Version: "1", Binding: Shadow}
	sure := Cite{Confidence: "verified"}
	town := &Profile{ID: "town", Version: "2", Binding: Official, Petitioner: Eligibility{Cite: sure}, Signer: Eligibility{Cite: sure}}
	town.Text.Cite, town.Support.Cite, town.Moderation.Cite, town.Appeal.Cite, town.Collect.Cite, town.Counts.Cite = sure, sure, sure, sure, sure, sure
	laws := map[string]*Profile{"open": open, "town": town}
	return SettingsRules{Law: func(id string) *Profile { return laws[id] }, Langs: []Lang{"kk", "ru", "en"}, Fixed: fixed}
}

func TestSettingsFaults(t *testing.T) {
	ack := settingsRules(nil).Law("open").Acknowledgement()
	for _, c := range []struct {
		name   string
		wanted Settings
		fixed  Settings
		want   string // field and key of the faults, or the acts
	}{
		{"good", Settings{SetOperator: "Town", SetContact: "town@town.example"}, nil, "operator contact"},
		{"page as contact", Settings{SetContact: "https://town.example"}, nil, "contact"},
		{"empty operator", Settings{SetOperator: " "}, nil, "!operator required"},
		{"two lines", Settings{SetOperator: "Town\nBcc"}, nil, "!operator setting_line"},
		{"turned text", Settings{SetOperator: "Town\u202e"}, nil, "!operator setting_line"},
		{"long", Settings{SetOperator: strings.Repeat("x", 201)}, nil, "!operator setting_long"},
		{"script as contact", Settings{SetContact: "javascript:alert(1)"}, nil, "!contact contact"},
		{"bare https", Settings{SetContact: "https://"}, nil, "!contact contact"},
		{"no such law", Settings{SetProfile: "mars"}, nil, "!profile unknown"},
		{"open law", Settings{SetProfile: "open"}, nil, "!acknowledged acknowledge"},
		{"open law, other list", Settings{SetProfile: "open", SetAcknowledged: "open 1 0"}, nil, "!acknowledged acknowledge"},
		{"open law, seen", Settings{SetProfile: "open", SetAcknowledged: ack}, nil, "profile acknowledged"},
		{"verified law", Settings{SetProfile: "town"}, nil, "profile"},
		{"official", Settings{SetProfile: "town", SetOfficial: "yes"}, nil, "profile official"},
		{"official without such a law", Settings{SetProfile: "open", SetAcknowledged: ack, SetOfficial: "yes"}, nil, "!official not_official"},
		{"languages", Settings{SetLanguages: "ru,kk"}, nil, "languages"},
		{"language twice", Settings{SetLanguages: "ru,ru"}, nil, "!languages languages"},
		{"no language", Settings{SetLanguages: "ru,"}, nil, "!languages languages"},
		{"places", Settings{SetPlaces: "kz"}, nil, "!places unknown"},
		{"number", Settings{SetFirstNumber: "0"}, nil, "!first_number number"},
		{"the configuration wins", Settings{SetOperator: "Town"}, Settings{SetOperator: "City"}, "!operator fixed"},
		{"the configuration needs no box", Settings{SetOperator: "Town"}, Settings{SetProfile: "open"}, "operator"},
	} {
		acts, errs := Settings{}.Change(c.wanted, settingsRules(c.fixed))
		var got []string
		for _, a := range acts {
			got = append(got, a.Name)
		}
		for _, e := range errs {
			got = append(got, "!"+e.Field, e.Key)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, strings.Join(got, " "), c.want)
		}
	}
}

func TestOfficialEndsWithItsLaw(t *testing.T) {
	rules := settingsRules(nil)
	acts, errs := Settings{SetProfile: "town", SetOfficial: "yes"}.Change(Settings{SetProfile: "open", SetAcknowledged: rules.Law("open").Acknowledgement()}, rules)
	if len(errs) > 0 || !slices.ContainsFunc(acts, func(a SettingAct) bool { return a.Name == SetOfficial && a.Old == "yes" && a.New == "" }) {
		t.Errorf("%v, %v", acts, errs)
	}
}

// TestActsAreTheHistory: playing the acts again gives the settings, whatever was asked.
func TestActsAreTheHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := settingsRules(nil)
		ack := rules.Law("open").Acknowledgement()
		now, replay := Settings{}, Settings{}
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			wanted := Settings{}
			for _, name := range SettingNames() {
				if rapid.Bool().Draw(t, name) {
					wanted[name] = rapid.SampledFrom([]string{"", "open", "town", "yes", "kk,ru", "7", ack, "a@b.example"}).Draw(t, "value")
				}
			}
			acts, errs := now.Change(wanted, rules)
			if len(errs) > 0 && len(acts) > 0 {
				t.Fatal("acts in spite of faults")
			}
			for _, a := range acts {
				if replay[a.Name] != a.Old || a.Old == a.New {
					t.Fatalf("act %+v after %q", a, replay[a.Name])
				}
				replay[a.Name], now[a.Name] = a.New, a.New
			}
			if law := rules.Law(now[SetProfile]); now[SetOfficial] == "yes" && law.Binding != Official {
				t.Fatal("official without such a law")
			}
		}
	})
}

func TestLanguagesShown(t *testing.T) {
	known := []Lang{"kk", "ru", "en"}
	for value, want := range map[string]string{"": "kk ru en", "ru,kk": "ru kk", "xx": "kk ru en"} {
		var got []string
		for _, l := range (Settings{SetLanguages: value}).Languages(known) {
			got = append(got, string(l))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}
