package main

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/tariffs"
)

// keyNames are the keys that are no tags.
var keyNames = []string{"meter", "gsp-group", "distributor", "tariff"}

// by reads --by.
func (c *batchCmd) by() (key string, bucket halfhour.Bucket, err error) {
	words := strings.Split(c.By, ",")
	item, buckets := false, 0
	for _, w := range words {
		w = strings.TrimSpace(w)
		at := slices.Index([]string{halfhour.ByMonth.String(), halfhour.ByDay.String(), halfhour.ByHalfHour.String()}, w)
		switch {
		case w == "item" && !item:
			item = true
		case at >= 0:
			bucket = halfhour.Bucket(at)
			buckets++
		case key == "" && (slices.Contains(keyNames, w) || isTag(w)):
			key = w
		default:
			return "", 0, usagef("--by %s: want item, one of month, day and half-hour, and at most one of meter, gsp-group, distributor, tariff or the name of a tag", c.By)
		}
	}
	if !item || buckets != 1 {
		return "", 0, usagef("--by %s: name item, and one of month, day and half-hour", c.By)
	}
	if _, err := hhparquet.WriteTotals(io.Discard, bucket.String(), key, func(func(hhparquet.Total) bool) {}); errors.Is(err, series.ErrSchema) {
		return "", 0, usagef("--by %s: the totals have a column %s that is not of the tag: call the tag something else", c.By, key)
	}
	return key, bucket, nil
}

// words are the words of --by in one order, however they were given.
func (b *batch) words() string {
	words := "item," + b.Bucket.String()
	if b.key != "" {
		words += "," + b.key
	}
	return words
}

func isTag(name string) bool {
	_, err := tariffs.ParseTag(name, "x")
	return err == nil
}

// value is what a meter's totals are told apart by.
func (b *batch) value(e *entry, s *tariffs.Supply) string {
	switch b.key {
	case "":
		return ""
	case "meter":
		return s.MPAN.String()
	case "gsp-group":
		return s.GSPGroup.String()
	case "distributor":
		return s.Distributor.String()
	case "tariff":
		return e.tariff
	}
	return s.Tag(b.key)
}
