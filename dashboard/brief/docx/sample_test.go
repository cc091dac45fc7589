package docx

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"

	"tidemark/dashboard/brief/doc"
)

// manifestBytes are not text, so that a program that takes them for text is noticed.
var manifestBytes = []byte("{\"release\":\"2026q2\"}\x00\xff\n")

// sample has everything that a brief can have.
func sample(t testing.TB) doc.Document {
	return doc.Document{
		Title: "What changed online", Lang: "en", Foot: "Fictional coalition, release 2026 Q2, manifest 3f9a 11c0 77de",
		Warning: "Demonstration data: nothing here is real", Contents: "Sources and notes",
		Notes: [][]doc.Inline{
			{{Text: "Never cited above, so it stands at the end."}},
			{{Text: "Release 2026 Q2, figure trend/spyware. "}, {Text: "How it was counted", Link: "https://example.org/method?a=1&b=2"}},
			{{Text: "A second source, of "}, {Text: "جمعية الحقوق الرقمية", Apart: true}, {Text: "."}},
		},
		Blocks: []doc.Block{
			doc.Heading{Level: 1, Text: doc.Text("What changed online")},
			doc.Paragraph{Role: doc.Lead, Text: doc.Text("From a fictional coalition to a fictional rapporteur, July 2026")},
			doc.Heading{Level: 2, Text: doc.Text("What we see")},
			doc.Paragraph{Text: []doc.Inline{
				{Text: "Spyware is "}, {Text: "very likely rising", Strong: true}, {Text: ": about 88 (80 to 96) people", Note: 2},
				{Text: ", says "}, {Text: "جمعية 7 (الحقوق)", Apart: true, Note: 3}, {Text: ", and "}, {Text: "nothing else", Emph: true}, {Text: " is sure.", Note: 2},
			}},
			doc.Paragraph{Role: doc.Quote, Text: doc.Text("They knew what I had written <before> I sent it & told my mother.\nThen they called.")},
			doc.List{Items: [][]doc.Inline{doc.Text("one point"), {{Text: "another, by "}, {Text: "mail", Link: "mailto:brief@example.org"}}, doc.Text(long)}},
			doc.List{Ordered: true, Items: [][]doc.Inline{doc.Text("first we ask"), doc.Text("then we wait")}},
			doc.List{Ordered: true, Items: [][]doc.Inline{doc.Text("first again")}},
			table(60),
			doc.Paragraph{Role: doc.Small, Text: []doc.Inline{{Text: "Rounded to what the noise allows.", Note: 3}}},
			doc.Heading{Level: 3, Text: doc.Text("A figure")},
			picture(t),
			doc.Box{Title: "How sure is this?", Blocks: []doc.Block{
				doc.Paragraph{Text: doc.Text("19 times in 20 the true number is in the pale band. " + long)},
				doc.List{Items: [][]doc.Inline{doc.Text("half of the time in the dark one"), doc.Text(long)}},
				doc.Paragraph{Role: doc.Small, Text: doc.Text("And this is small.")},
			}},
			doc.Box{Blocks: []doc.Block{doc.Heading{Level: 4, Text: doc.Text("A box of its own")}, table(2), picture(t)}},
			doc.Paragraph{Text: doc.Text("Soft\u00adhyphen, non\u2011breaking, no\u00a0break, zero\u200bwidth,\ttab.")},
		},
	}
}

const long = "This is said at some length, so that the line is broken at least once and one can see where its next line begins."

func table(rows int) doc.Table {
	t := doc.Table{
		Caption: "People known to the members, by region", Head: []string{"Region", "People", "Verdict"},
		Numeric: []bool{false, true, false},
	}
	for i := range rows {
		t.Rows = append(t.Rows, []string{fmt.Sprintf("Region %d", i+1), fmt.Sprintf("%d (%d to %d)", i+8, i, i+16), "no clear change"})
	}
	return t
}

func picture(t testing.TB) doc.Picture {
	img := image.NewNRGBA(image.Rect(0, 0, 400, 160))
	for x := range 400 {
		for y := range 160 {
			img.Set(x, y, color.NRGBA{uint8(x / 2), 90, uint8(y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return doc.Picture{
		Name: "figure-1", Alt: "A line that rises from 20 to \"88\"", Caption: "Figure 1. Spyware, by quarter",
		SVG: []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="400" height="160"><rect width="400" height="160" fill="#9dc1de"/></svg>`),
		PNG: b.Bytes(), Width: 800, Height: 320,
	}
}

// arabic is a document from right to left, with names that run against it.
func arabic(t testing.TB) doc.Document {
	tab := doc.Table{
		Caption: "أشخاص معروفون للأعضاء بحسب المنطقة", Head: []string{"المنطقة", "الأشخاص", "الحكم"}, Numeric: []bool{false, true, false},
		Rows: [][]string{{"الجبال", "٨٨ (٨٠ إلى ٩٦)", "ارتفاع مرجّح جدًا"}, {"الساحل", "١٢ (٤ إلى ٢٠)", "لا تغيّر واضح"}},
	}
	pic := picture(t)
	pic.Alt, pic.Caption = "خط يرتفع من ٢٠ إلى ٨٨", "الشكل ١. برامج التجسس بحسب الربع"
	return doc.Document{
		Title: "ما الذي تغيّر على الإنترنت", Lang: "ar", RTL: true, Foot: "تحالف خيالي، إصدار الربع الثاني من ٢٠٢٦", Warning: "بيانات توضيحية", Contents: "المصادر والملاحظات",
		Notes: [][]doc.Inline{{{Text: "إصدار الربع الثاني من ٢٠٢٦، "}, {Text: "Access Group (7)", Apart: true, Link: "https://example.org/"}, {Text: "، ٣ مرات."}}},
		Blocks: []doc.Block{
			doc.Heading{Level: 1, Text: doc.Text("ما الذي تغيّر على الإنترنت")},
			doc.Paragraph{Role: doc.Lead, Text: doc.Text("من تحالف خيالي إلى مقرّر خيالي، تموز ٢٠٢٦")},
			doc.Heading{Level: 2, Text: doc.Text("ما نراه")},
			doc.Paragraph{Text: []doc.Inline{{Text: "برامج التجسس "}, {Text: "في ارتفاع مرجّح جدًا", Strong: true}, {Text: "، بحسب "}, {Text: "Digital Rights Desk (7)", Apart: true}, {Text: "، 12 مرة، نحو ٨٨ (٨٠ إلى ٩٦) شخصًا.", Note: 1}}},
			doc.List{Items: [][]doc.Inline{doc.Text("نقطة أولى"), doc.Text("نقطة ثانية")}},
			doc.List{Ordered: true, Items: [][]doc.Inline{doc.Text("أولًا نسأل"), {{Text: "ثم ننتظر", Note: 1}}}},
			tab, pic,
			doc.Box{Title: "ما مدى اليقين؟", Blocks: []doc.Block{
				doc.Paragraph{Text: doc.Text("في ١٩ مرة من ٢٠ يكون الرقم الصحيح في النطاق الفاتح.")},
				doc.List{Items: [][]doc.Inline{doc.Text("ونصف الوقت في النطاق الداكن")}},
			}},
		},
	}
}

func write(t testing.TB, d doc.Document, custom []byte) []byte {
	t.Helper()
	file, err := Write(d, custom)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
