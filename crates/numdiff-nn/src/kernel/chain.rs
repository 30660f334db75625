//! The part of a network that the kernels understand: affine layers with element-wise
//! activations, up to the loss.

use super::head::Head;
use crate::curves::Curve;
use crate::network::Trace;
use crate::simd::{Isa, Kernel, LANES, Lanes, SimdLevel, Slopes};
use crate::{Batch, GradientMethod, Loss, Network, Spec};

/// An affine layer and the activation behind it, with what they compute for a batch.
pub(crate) struct Affine<'a> {
    pub inputs: usize,
    pub outputs: usize,
    /// inputs x outputs, row-major.
    pub weights: &'a [f64],
    /// One per output, or empty.
    pub bias: &'a [f64],
    pub curve: Curve,
    /// Index of the affine layer in the network.
    pub index: usize,
    /// Where the parameters lie in those of the network: weights, then bias.
    pub offset: usize,
    /// samples x inputs.
    pub x: &'a [f64],
    /// [`Base`](crate::curves::Base) of the layer: samples x outputs each.
    pub a: &'a [f64],
    pub p: Vec<f64>,
    pub q: Vec<f64>,
    /// outputs x inputs: the transposed weights, except in the first layer.
    pub transposed: Vec<f64>,
}

/// The last layers of a network, from the first affine one behind which there are only
/// affine and element-wise ones.
pub(crate) struct Chain<'a> {
    pub samples: usize,
    pub layers: Vec<Affine<'a>>,
    pub head: Head,
    /// Layers of the network before the chain.
    pub first: usize,
}

impl<'a> Chain<'a> {
    /// `None` when the network does not end in a chain.
    pub fn new(
        network: &'a Network<f64>,
        trace: &'a Trace<'_, f64>,
        batch: &Batch<f64>,
        level: SimdLevel,
    ) -> Option<Self> {
        if matches!(network.loss, Loss::Own(_)) {
            return None;
        }
        let specs: Vec<Option<Spec>> = network.layers.iter().map(|layer| layer.spec()).collect();
        let mut first = network.layers.len();
        let mut layers = Vec::new();
        while first > 0 {
            let (dense, curve, length) = match &specs[..first] {
                [.., Some(Spec::Dense(dense))] => (dense, Curve::Identity, 1),
                [.., Some(Spec::Dense(dense)), Some(Spec::Activation(curve))] => {
                    (dense, Curve::from(*curve), 2)
                }
                _ => break,
            };
            first -= length;
            let offset = network.offsets[first];
            let parameters = &network.parameters[offset..network.offsets[first + 1]];
            let (weights, bias) = parameters.split_at(dense.inputs * dense.outputs);
            let affine = trace.at(network, first);
            let a = affine.y.as_slice()?;
            layers.push(Affine {
                inputs: dense.inputs,
                outputs: dense.outputs,
                weights,
                bias,
                curve,
                index: first,
                offset,
                x: affine.x.as_slice()?,
                a,
                p: Vec::new(),
                q: Vec::new(),
                transposed: Vec::new(),
            });
        }
        if layers.is_empty() {
            return None;
        }
        layers.reverse();
        for (l, layer) in layers.iter_mut().enumerate() {
            layer.remember(l > 0, level);
        }
        let c = trace.outputs().as_slice()?;
        let head = Head::new(network.loss, c, batch.targets(), batch.len(), level);
        Some(Self {
            samples: batch.len(),
            layers,
            head,
            first,
        })
    }

    /// Operations on the lanes, roughly, to evaluate what lies behind one unit of layer `l`
    /// in one sample; a curve or exponential counts as 20.
    pub fn depth(&self, l: usize) -> f64 {
        let behind = &self.layers[l + 1..];
        let dense: usize = behind
            .iter()
            .skip(1)
            .map(|layer| layer.inputs * layer.outputs)
            .sum();
        let curves: usize = behind.iter().map(|layer| layer.outputs).sum();
        (dense + 20 * curves + 20) as f64
    }
}

impl Affine<'_> {
    /// Parameters of the layer.
    pub fn len(&self) -> usize {
        self.weights.len() + self.bias.len()
    }

    /// The parameters of one unit: a weight for each input, perhaps a bias.
    pub fn rows(&self) -> usize {
        self.inputs + usize::from(!self.bias.is_empty())
    }

    /// The parameters of one unit, in whole lanes; a bias that is not there counts.
    pub fn width(&self) -> usize {
        (self.inputs + 1).next_multiple_of(LANES)
    }

    /// Adds to the derivatives `out` by the layer's parameters what those by its pre-activations, samples x outputs,
    /// make them.
    pub fn add_products(&self, out: &mut [f64], slopes: &[f64], method: &GradientMethod) {
        let slopes = Slopes {
            values: slopes,
            stride: self.outputs,
            outputs: self.outputs,
        };
        let workers = (method.threads, method.simd_level());
        slopes.accumulate(out, (self.x, self.inputs), 1.0, workers);
    }

    fn remember(&mut self, behind: bool, level: SimdLevel) {
        let (curve, a) = (self.curve, self.a);
        let mut cached = [(); 2].map(|()| a.to_vec());
        level.run(Remember {
            curve,
            a,
            cached: cached.each_mut().map(|numbers| &mut numbers[..]),
        });
        [self.p, self.q] = cached;
        if behind {
            let columns = 0..self.outputs;
            let column = |k: usize| self.weights[k..].iter().step_by(self.outputs);
            self.transposed = columns.flat_map(column).copied().collect();
        }
    }
}

struct Remember<'a> {
    curve: Curve,
    a: &'a [f64],
    /// p and q.
    cached: [&'a mut [f64]; 2],
}

impl Kernel for Remember<'_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        for start in (0..self.a.len()).step_by(LANES) {
            let range = start..(start + LANES).min(self.a.len());
            let a = Lanes::<I>::load(&self.a[range.clone()], 0.0);
            let [p, q] = self.curve.cached(a);
            p.store(&mut self.cached[0][range.clone()]);
            q.store(&mut self.cached[1][range]);
        }
    }
}
