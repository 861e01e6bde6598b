import ApusGraph

/// ResNet-50 in the form that MLPerf and torchvision run: the stride of a stage's first block is in
/// its 3 × 3 convolution ("v1.5"), 4.1 · 10⁹ multiply-adds an image.
///
/// - Source: He et al., Deep residual learning (arXiv 1512.03385), table 1, the 50-layer column.
enum ResNet50 {
    /// Blocks, channels within a block, and stride of each stage.
    private static let stages = [(3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)]

    static func graph(batch: Int) throws(GraphError) -> Graph {
        var layers = ShapeBuilder()
        let image = layers.input("image", [batch, 3, 224, 224])
        var x = try layers.convolution(image, channels: 64, size: 7, stride: 2, name: "stem")
        x = try layers.relu(x, "stem")
        x = try layers.add(
            .reduceWindow(
                .maximum,
                Window(
                    extents: [1, 1, 3, 3], strides: [1, 1, 2, 2], low: [0, 0, 1, 1],
                    high: [0, 0, 1, 1])), [x], "pool")
        for (index, (blocks, channels, stride)) in stages.enumerated() {
            for block in 0..<blocks {
                x = try self.block(
                    &layers, x, channels: channels, stride: block == 0 ? stride : 1,
                    projects: block == 0, name: "stage \(index + 1): block \(block + 1)")
            }
        }
        x = try layers.mean(x, axes: [2, 3], "mean")
        x = try layers.add(.reshape([batch, 2048]), [x], "flatten")
        layers.output("logits", try layers.linear(x, 1000, "logits"))
        return layers.graph
    }

    private static func block(
        _ layers: inout ShapeBuilder, _ x: ValueID, channels: Int, stride: Int, projects: Bool,
        name: String
    ) throws(GraphError) -> ValueID {
        var y = try layers.convolution(x, channels: channels, size: 1, stride: 1, name: name)
        y = try layers.relu(y, name)
        y = try layers.convolution(y, channels: channels, size: 3, stride: stride, name: name)
        y = try layers.relu(y, name)
        y = try layers.convolution(y, channels: 4 * channels, size: 1, stride: 1, name: name)
        let other =
            projects
            ? try layers.convolution(
                x, channels: 4 * channels, size: 1, stride: stride, name: name) : x
        return try layers.relu(try layers.add(.binary(.add), [y, other], name), name)
    }
}
