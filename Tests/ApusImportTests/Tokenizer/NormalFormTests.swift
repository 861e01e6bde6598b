import ApusChip
import ApusImport
import Testing

@Suite("Normalisation forms")
struct NormalFormTests {
    @Test(
        "every scalar that a form changes becomes what Python's Unicode data say",
        arguments: UnicodeForm.allCases)
    func agrees(form: UnicodeForm) throws {
        let cases = GoldenTokenizer.list(try GoldenTokenizer.file("normal-forms.json"))
        #expect(cases.count > 80)
        for item in cases {
            let text = GoldenTokenizer.string(item["text"])
            let wanted = GoldenTokenizer.string(item[form.rawValue])
            let found = form.apply(Array(text.utf8))
            #expect(found.elementsEqual(wanted.utf8), "\(form.rawValue) of \(text)")
        }
    }
}
