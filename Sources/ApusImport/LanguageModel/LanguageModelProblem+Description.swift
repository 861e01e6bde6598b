extension LanguageModelProblem {
    /// The fault in words, to stand after the file's name.
    var sentence: String {
        switch self {
        case .format(let offset, let problem): "byte \(offset): \(problem.sentence)"
        case .tensor(let name, let problem): "tensor \(quoted(name)): \(problem.sentence)"
        case .description(let problem): problem.sentence
        case .folder(let missing): "the folder has no \(missing)"
        }
    }
}

extension FileProblem {
    fileprivate var sentence: String {
        switch self {
        case .magic(let expected): "not a \(expected) file"
        case .version(let version, let supported):
            "version \(version) of the format is not read, \(supported) are"
        case .truncated(let field): "the file ends inside \(field); is it complete?"
        case .count(let field, let count): "\(field) is \(count), for which the file is too short"
        case .typeCode(let field, let code): "\(field) is \(code), which the format does not have"
        case .text(let field): "\(field) is not UTF-8"
        case .nestedTooDeep: "arrays nest more than \(GGUFCursor.arrayDepthMax) deep"
        case .duplicate(let field, let name): "the \(field) \(quoted(name)) occurs twice"
        case .json(let problem): "not JSON: \(printable(problem.sentence))"
        }
    }
}

extension WeightProblem {
    fileprivate var sentence: String {
        switch self {
        case .type(let type, let supported):
            "type \(printable(type)) is not read; \(supported) are"
        case .shape(let shape): "shape \(shape) is not that of a weight"
        case .block(let columns, let block):
            "its rows of \(columns) elements are not a multiple of its blocks of \(block)"
        case .alignment(let offset, let alignment):
            "its data at byte \(offset) is not aligned to \(alignment)"
        case .range(let offset, let count, let fileBytes):
            "its \(count) bytes from byte \(offset) pass the end of the file's \(fileBytes)"
        case .overlap(let other, let offset):
            "its data overlaps that of \(quoted(other)) at byte \(offset)"
        case .size(let expected, let found):
            "its shape needs \(expected) bytes, the file gives it \(found)"
        case .missing(let names):
            names.isEmpty
                ? "is missing"
                : "is missing; it would be called \(names.map(quoted).joined(separator: " or "))"
        case .wrongShape(let expected, let found):
            "has shape \(found), the model's description implies \(expected)"
        case .scales(let name, let shape, let scales):
            "shape \(shape) does not fit its scales \(quoted(name)) of shape \(scales)"
        case .shardPath(let path): "its file \(quoted(path)) is not a file of the model's folder"
        case .notInShard(let path): "is not in \(quoted(path)), where the index says it is"
        case .notFinite(let row): "row \(row) holds a value that is infinite or not a number"
        }
    }
}

extension DescriptionProblem {
    fileprivate var sentence: String {
        switch self {
        case .missing(let field): "the description has no \(printable(field))"
        case .kind(let field, let expected): "\(printable(field)) is not \(expected)"
        case .value(let field, let found, let allowed):
            "\(printable(field)) is \(printable(found)), must be \(allowed)"
        case .architecture(let name, let supported):
            "architecture \(quoted(name)) is not supported; "
                + "\(supported.joined(separator: ", ")) are"
        }
    }
}

extension ImportError {
    /// A fault of the bytes of a language model's file.
    static func format(_ file: String, _ offset: Int, _ problem: FileProblem) -> ImportError {
        .languageModel(file: file, .format(atByte: offset, problem))
    }

    /// A fault of one of its tensors.
    static func weight(_ file: String, _ tensor: String, _ problem: WeightProblem) -> ImportError {
        .languageModel(file: file, .tensor(tensor, problem))
    }

    /// A fault of its description.
    static func description(_ file: String, _ problem: DescriptionProblem) -> ImportError {
        .languageModel(file: file, .description(problem))
    }
}
