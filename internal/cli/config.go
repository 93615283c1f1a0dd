package cli

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Config is how a deployment is set up. Every field works when it is not set.
// A setting is an environment variable DAUYS_NAME, or the key name or dauys_name
// of the file given with --config; the environment wins.
type Config struct {
	Addr           string        // DAUYS_ADDR: where to listen
	AdminAddr      string        // DAUYS_ADMIN_ADDR: metrics and pprof; "" is off
	URL            string        // DAUYS_URL: public base address, no slash at the end
	Database       string        // DAUYS_DATABASE: sqlite:PATH or postgres://...
	Listen         string        // DAUYS_LISTEN: postgres://... past a pooler; "" for Database
	Replica        string        // DAUYS_REPLICA: postgres://... of standbys for public reads; "" for none
	Mail           string        // DAUYS_MAIL: smtp://user:pass@host:port or file:DIR
	MailFrom       string        // DAUYS_MAIL_FROM: address letters come from
	Bounces        string        // DAUYS_BOUNCES: address to which letters come back, with a tag; "" for none
	MailRate       float64       // DAUYS_MAIL_RATE: letters a second at most; 0 for as fast as it goes
	Profile        string        // DAUYS_PROFILE: id of the law new petitions are under, or a file
	Keys           string        // DAUYS_KEYS: directory of the keys, made at first start
	Broker         string        // DAUYS_BROKER: address of a separate identity broker; "" for the embedded one
	TrustedProxies string        // DAUYS_TRUSTED_PROXIES: prefixes, comma separated
	Limits         bool          // DAUYS_LIMITS: on, off (loopback only)
	Checkpoint     time.Duration // DAUYS_CHECKPOINT: how often the ledger is signed
	Log            slog.Level    // DAUYS_LOG: debug, info, warn, error
	Memory         int64         // DAUYS_MEMORY: bytes the process may take; 0 follows the container, -1 is off
	TLS            string        // DAUYS_TLS: off, autocert
	Operator       string        // DAUYS_OPERATOR: who runs this site, shown on every page
	Contact        string        // DAUYS_CONTACT: how to reach the operator
	FirstNumber    int64         // DAUYS_FIRST_NUMBER: number of the first petition made here

	// Given names the settings that were set, each with a space behind it:
	// what is set here cannot be changed at the desk.
	Given string
}

// setting reads one value into a Config.
type setting struct {
	name string // DAUYS_... in lower case
	def  string
	set  func(*Config, string) error
}

func text(f func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error { *f(c) = v; return nil }
}

// configSettings are all there are.
var configSettings = []setting{
	{"dauys_addr", "127.0.0.1:8080", address(func(c *Config) *string { return &c.Addr })},
	{"dauys_admin_addr", "", address(func(c *Config) *string { return &c.AdminAddr })},
	{"dauys_url", "", func(c *Config, v string) error { c.URL = strings.TrimRight(v, "/"); return nil }},
	{"dauys_database", "sqlite:dauys.db", func(c *Config, v string) error {
		c.Database = v
		return oneScheme(v, "sqlite:PATH or postgres://...", "sqlite:", "postgres://", "postgresql://")
	}},
	{"dauys_listen", "", text(func(c *Config) *string { return &c.Listen })},
	{"dauys_replica", "", text(func(c *Config) *string { return &c.Replica })},
	{"dauys_mail", "file:mail", func(c *Config, v string) error {
		c.Mail = v
		return oneScheme(v, "smtp://user:pass@host:port, smtps://... or file:DIR", "smtp://", "smtps://", "file:")
	}},
	{"dauys_mail_from", "", func(c *Config, v string) error {
		c.MailFrom = v
		if a, err := mail.ParseAddress(v); v != "" && (err != nil || a.Address != v) {
			return errors.New("want an address alone, as in dauys@petitions.example")
		}
		return nil
	}},
	{"dauys_bounces", "", func(c *Config, v string) (err error) { c.Bounces, err = parseBounces(v); return err }},
	{"dauys_mail_rate", "", func(c *Config, v string) (err error) {
		c.MailRate, err = parseRate(v)
		return err
	}},
	{"dauys_profile", "kz-civic", text(func(c *Config) *string { return &c.Profile })},
	{"dauys_keys", "keys", text(func(c *Config) *string { return &c.Keys })},
	{"dauys_broker", "", func(c *Config, v string) error {
		if v != "" {
			return errors.New("a separate identity broker is not part of this version")
		}
		return nil
	}},
	{"dauys_trusted_proxies", "", text(func(c *Config) *string { return &c.TrustedProxies })},
	{"dauys_limits", "on", func(c *Config, v string) error {
		c.Limits = v == "on"
		return oneOf(v, "on", "off")
	}},
	{"dauys_checkpoint", "10m", func(c *Config, v string) (err error) {
		if c.Checkpoint, err = time.ParseDuration(v); err == nil && c.Checkpoint <= 0 {
			err = errors.New("want a time above 0")
		}
		return err
	}},
	{"dauys_log", "info", func(c *Config, v string) error {
		if c.Log.UnmarshalText([]byte(v)) != nil {
			return errors.New("want debug, info, warn or error")
		}
		return nil
	}},
	{"dauys_memory", "auto", func(c *Config, v string) (err error) { c.Memory, err = parseMemory(v); return err }},
	{"dauys_tls", "off", func(c *Config, v string) error {
		c.TLS = v
		return oneOf(v, "off", "autocert")
	}},
	{"dauys_operator", "", text(func(c *Config) *string { return &c.Operator })},
	{"dauys_contact", "", text(func(c *Config) *string { return &c.Contact })},
	{"dauys_first_number", "1000001", func(c *Config, v string) error {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 1 {
			return errors.New("want a number of 1 or more")
		}
		c.FirstNumber = n
		return nil
	}},
}

// address is a host and a port to listen on.
func address(f func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*f(c) = v
		if _, port, err := net.SplitHostPort(v); v != "" && (err != nil || port == "") {
			return fmt.Errorf("want host:port, as in 127.0.0.1:8080, or :8080 for every address of the machine; not %q", v)
		}
		return nil
	}
}

// oneScheme refuses an address that begins as none of them. It may hold a
// password, so it is not repeated.
func oneScheme(v, want string, schemes ...string) error {
	if slices.ContainsFunc(schemes, func(s string) bool { return strings.HasPrefix(v, s) && v != s }) {
		return nil
	}
	return errors.New("want " + want)
}

// parseBounces reads the address that letters come back to. A tag of 53 letters
// goes into its local part, which has room for 64 (rfc5321#4.5.3.1.1).
func parseBounces(v string) (string, error) {
	local, domain, _ := strings.Cut(v, "@")
	a, err := mail.ParseAddress(v)
	switch {
	case v == "":
		return "", nil
	case err != nil || a.Address != v || domain == "":
		return "", errors.New("want an address, as in bounces@petitions.example")
	case len(local) > 10 || strings.ContainsAny(local, `+"`):
		return "", errors.New("want at most 10 letters before the @, without a +: a tag of each letter goes between them")
	}
	return v, nil
}

// parseRate reads N/s, N/m or N/h as letters a second; 0 for "".
func parseRate(v string) (float64, error) {
	if v == "" {
		return 0, nil
	}
	count, unit, _ := strings.Cut(v, "/")
	seconds, ok := map[string]float64{"s": 1, "m": 60, "h": 3600}[unit]
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n < 1 {
		return 0, errors.New("want a number of letters and a time, as in 20/s, 600/m or 3000/h")
	}
	return float64(n) / seconds, nil
}

func oneOf(v string, allowed ...string) error {
	if slices.Contains(allowed, v) {
		return nil
	}
	return fmt.Errorf("want %s", strings.Join(allowed, " or "))
}

// loadConfig reads the file (when there is one) and the environment. Unknown
// keys of the file are refused, unknown DAUYS_ variables named in warnings.
func loadConfig(file string, environ []string) (c Config, warnings []string, err error) {
	values := map[string]string{}
	if file != "" {
		if values, err = readConfigFile(file); err != nil {
			return c, nil, err
		}
	}
	for _, kv := range environ {
		name, v, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "DAUYS_") || strings.HasPrefix(name, "DAUYS_TEST_") {
			continue
		}
		key := strings.ToLower(name)
		if !known(key) {
			warnings = append(warnings, name+" is not a setting of dauys"+meant(key, strings.ToUpper))
			continue
		}
		if v != "" { // an empty variable is one that is not set
			values[key] = v
		}
	}
	for _, s := range configSettings {
		v := values[s.name]
		if v == "" {
			v = s.def
		} else {
			c.Given += s.name + " "
		}
		if err := s.set(&c, v); err != nil {
			return c, nil, fmt.Errorf("%s: %w", strings.ToUpper(s.name), err)
		}
	}
	return c, warnings, c.check()
}

func known(key string) bool {
	return slices.ContainsFunc(configSettings, func(s setting) bool { return s.name == key })
}

// meant names the setting that a slip of the pen has made key of.
func meant(key string, spell func(string) string) string {
	near, fewest := "", 3
	for _, s := range configSettings {
		if n := slips(key, s.name); n < fewest {
			near, fewest = s.name, n
		}
	}
	if near == "" {
		return ""
	}
	return "; " + spell(near) + " is one"
}

// slips counts the letters to add, drop or change between two words
// (Levenshtein's distance).
func slips(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before, row[j+1] = row[j+1], min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func readConfigFile(file string) (map[string]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if _, err := toml.Decode(string(b), &raw); err != nil {
		line, why := 1, ""
		if pe, ok := errors.AsType[toml.ParseError](err); ok {
			line, why = pe.Position.Line, unquoted(pe.Message)
		}
		return nil, fmt.Errorf("%s:%d: %s", file, line, cmp.Or(why, "cannot be read"))
	}
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		key, v := name, raw[name]
		if !strings.HasPrefix(key, "dauys_") {
			key = "dauys_" + key
		}
		if !known(key) {
			return nil, fmt.Errorf("%s: %s is not a setting of dauys%s", file, name, meant(key, strings.ToLower))
		}
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("%s: %s stands there twice, as %s, too", file, name, strings.TrimPrefix(key, "dauys_"))
		}
		switch v.(type) {
		case string, int64:
			values[key] = fmt.Sprint(v)
		default:
			return nil, fmt.Errorf("%s: %s: want a string or a whole number", file, name)
		}
	}
	return values, nil
}

// ownURL is how the machine itself reaches a listener. One on every address of
// the machine names no host.
func ownURL(addr string) string {
	if everywhere(addr) {
		_, port, _ := net.SplitHostPort(addr) // everywhere has read it
		addr = net.JoinHostPort("localhost", port)
	}
	return "http://" + addr
}

// unquoted is a fault up to what it quotes of the file: that may be a password.
func unquoted(fault string) string {
	said, _, _ := strings.Cut(fault, `"`)
	return strings.TrimRight(strings.TrimSuffix(said, " but got "), " ,:(")
}

// check refuses what does not go together.
func (c *Config) check() error {
	if c.URL == "" {
		c.URL = ownURL(c.Addr)
	}
	// Every link is made by appending a path, so it holds nothing else.
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Scheme+"://"+u.Host, c.URL) {
		return errors.New("DAUYS_URL: want http(s)://host[:port], without a path or a user") // it may hold a password
	}
	c.URL = u.Scheme + "://" + u.Host
	if !c.Limits && !loopback(c.Addr) {
		return errors.New("DAUYS_LIMITS=off is accepted on a loopback address only")
	}
	if c.TLS == "autocert" && u.Scheme != "https" {
		return errors.New("DAUYS_TLS=autocert needs an https DAUYS_URL")
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	return nil
}

func loopback(addr string) bool {
	ap, err := netip.ParseAddrPort(addr)
	if err == nil {
		return ap.Addr().IsLoopback()
	}
	host, _, _ := strings.Cut(addr, ":")
	return host == "localhost"
}

// proxies parses DAUYS_TRUSTED_PROXIES; a bare address is a prefix of itself.
func (c *Config) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for f := range strings.FieldsFuncSeq(c.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(f)
		if err != nil {
			a, aerr := netip.ParseAddr(f)
			if aerr != nil || a.Zone() != "" {
				return nil, fmt.Errorf("DAUYS_TRUSTED_PROXIES: %q is neither an address nor a prefix", f)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

// demoConfig is a Config whose everything is in dir. Of the environment it
// honours ADDR, URL, LIMITS, CHECKPOINT, LOG and BOUNCES, and refuses a production
// database or SMTP.
func demoConfig(environ []string, addr, dir string) (Config, []string, error) {
	var mine []string
	for _, kv := range environ {
		name, v, _ := strings.Cut(kv, "=")
		switch name {
		case "DAUYS_ADDR", "DAUYS_URL", "DAUYS_LIMITS", "DAUYS_CHECKPOINT", "DAUYS_LOG", "DAUYS_BOUNCES":
			mine = append(mine, kv)
		case "DAUYS_DATABASE", "DAUYS_MAIL":
			if v != "" {
				return Config{}, nil, fmt.Errorf("demo keeps everything in its own directory: unset %s", name)
			}
		default:
			if strings.HasPrefix(name, "DAUYS_") && !known(strings.ToLower(name)) {
				mine = append(mine, kv) // to be warned about
			}
		}
	}
	if addr != "" {
		mine = append(mine, "DAUYS_ADDR="+addr)
	}
	mine = append(mine, "DAUYS_DATABASE=sqlite:"+filepath.Join(dir, "dauys.db"),
		"DAUYS_KEYS="+filepath.Join(dir, "keys"), "DAUYS_MAIL=file:"+filepath.Join(dir, "mail"))
	if !slices.ContainsFunc(mine, func(kv string) bool { return strings.HasPrefix(kv, "DAUYS_CHECKPOINT=") }) {
		mine = append(mine, "DAUYS_CHECKPOINT=1s")
	}
	return loadConfig("", mine)
}
