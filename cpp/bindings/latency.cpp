// What ticks cost: times, instructions, page faults, calls of the heap and of the kernel.

#include "bindings.hpp"
#include "handloop/bus/codec_timer.hpp"
#include "handloop/claim.hpp"
#include "handloop/tick_timer.hpp"
#include "handloop/tick_tracer.hpp"

namespace handloop::bindings {

namespace {

constexpr int kCountedTicks = 20000;

using Samples = std::vector<HandState>;

// Hands `work` the controller as its only user, without the GIL.
template <typename Work>
auto alone(Controller& controller, const Samples& samples, Work work) {
  for (const HandState& s : samples) {
    if (s.q.size() != controller.model().joint_count || s.dq.size() != s.q.size()) {
      throw py::value_error("a sample has " + std::to_string(s.q.size()) + " joints, the hand " +
                            std::to_string(controller.model().joint_count));
    }
  }
  const Claim claim(controller, Claim::By::kCaller);
  const py::gil_scoped_release release;
  return work();
}

void at_least_one(const Samples& samples, int count, const char* of) {
  if (samples.empty() || count < 1) {
    throw py::value_error(std::string("need samples and at least one ") + of);
  }
}

py::dict time(Controller& controller, const Samples& samples, int ticks) {
  at_least_one(samples, ticks, "tick");
  Histogram times;
  const auto instructions = alone(controller, samples, [&] {
    time_ticks(controller, samples, ticks, times);
    return count_instructions(controller, samples, std::min(ticks, kCountedTicks));
  });
  py::dict result = summary(times);
  result["ticks"] = times.count();
  result["instructions"] = instructions;
  return result;
}

py::dict time_with_codec(Controller& controller, const Samples& samples, int ticks) {
  at_least_one(samples, ticks, "tick");
  Histogram both, codec;
  alone(controller, samples,
        [&] { bus::time_ticks_and_codec(controller, samples, ticks, both, codec); });
  py::dict result;
  result["tick_and_codec"] = summary(both);
  result["codec"] = summary(codec);
  return result;
}

py::dict trace(Controller& controller, const Samples& samples, int stride) {
  at_least_one(samples, stride, "tick of stride");
  const TickTrace t = alone(controller, samples, [&] {
    return TickTracer::trace(samples.size(), static_cast<std::size_t>(stride),
                             [&](std::size_t i) { controller.tick(samples[i], samples[i].time); });
  });
  py::dict result;
  result["ticks"] = t.ticks;
  result["instructions"] = static_cast<double>(t.instructions) / t.ticks;
  result["instructions_max"] = t.instructions_max;
  result["allocations"] = t.allocations;
  result["system_calls"] = t.system_calls;
  return result;
}

Eigen::VectorXd array_of(const std::vector<double>& values) {
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

}  // namespace

py::dict summary(const Histogram& h) {
  const std::vector<Histogram::Bucket> filled = h.buckets();
  Eigen::MatrixX2d buckets(static_cast<Eigen::Index>(filled.size()), 2);
  for (std::size_t i = 0; i < filled.size(); ++i) {
    buckets.row(static_cast<Eigen::Index>(i)) << 1e-3 * filled[i].value,
        static_cast<double>(filled[i].count);
  }
  py::dict d;
  d["count"] = h.count();
  d["p50"] = 1e-3 * h.quantile(0.5);
  d["p99"] = 1e-3 * h.quantile(0.99);
  d["p99.9"] = 1e-3 * h.quantile(0.999);
  d["max"] = 1e-3 * static_cast<double>(h.max());
  d["buckets"] = buckets;
  return d;
}

void bind_latency(py::module_& m) {
  m.def("instruction_counter_refusal", [] { return InstructionCounter().refusal(); });
  m.def("time_ticks", &time, py::arg("controller"), py::arg("samples"), py::arg("ticks"));
  m.def("time_ticks_and_codec", &time_with_codec, py::arg("controller"), py::arg("samples"),
        py::arg("ticks"));
  m.def("trace_ticks", &trace, py::arg("controller"), py::arg("samples"), py::arg("stride") = 1);
  m.def(
      "best_times",
      [](Controller& controller, const Samples& samples, int passes) {
        at_least_one(samples, passes, "pass");
        return array_of(
            alone(controller, samples, [&] { return best_times(controller, samples, passes); }));
      },
      py::arg("controller"), py::arg("samples"), py::arg("passes") = 3);
  m.def(
      "batch_times",
      [](Controller& controller, const HandState& sample, int ticks, int batches) {
        at_least_one({sample}, std::min(ticks, batches), "tick and batch");
        return array_of(alone(controller, {sample},
                              [&] { return batch_times(controller, sample, ticks, batches); }));
      },
      py::arg("controller"), py::arg("sample"), py::arg("ticks"), py::arg("batches"));
  m.def(
      "page_faults",
      [](Controller& controller, const Samples& samples) {
        return alone(controller, samples, [&] {
          return page_faults([&] {
            for (const HandState& sample : samples) controller.tick(sample, sample.time);
          });
        });
      },
      py::arg("controller"), py::arg("samples"));
}

}  // namespace handloop::bindings
