// What a tick costs: times by the clock, instructions by the processor's own counter where it has one.
#pragma once

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>

#include "handloop/loop.hpp"

namespace handloop {

// Counts this thread's user-space instructions; absent where the machine or its kernel says no.
class InstructionCounter {
 public:
  InstructionCounter() {
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.size = sizeof(attributes);
    attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    file_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
  }
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;
  ~InstructionCounter() {
    if (file_ >= 0) close(file_);
  }

  std::optional<std::uint64_t> read() const {
    std::uint64_t count = 0;
    if (file_ < 0 || ::read(file_, &count, sizeof(count)) != sizeof(count)) return std::nullopt;
    return count;
  }

 private:
  int file_;
};

struct TickCost {
  std::uint64_t ticks = 0;
  double p50 = 0.0, p99 = 0.0, p999 = 0.0, max = 0.0;  // [us]
  std::optional<double> instructions;                   // per tick, mean
};

// Ticks on recorded samples, over and over, one at a time as a loop would.
inline TickCost time_ticks(Controller& controller, const std::vector<HandState>& samples, int ticks) {
  const InstructionCounter counter;
  const auto first = counter.read();
  Histogram histogram;
  for (int i = 0; i < ticks; ++i) {
    const HandState& sample = samples[static_cast<std::size_t>(i) % samples.size()];
    const std::int64_t begin = monotonic_ns();
    controller.tick(sample, sample.time);
    histogram.record(monotonic_ns() - begin);
  }
  const auto last = counter.read();
  TickCost cost{histogram.count(),
                1e-3 * histogram.quantile(0.5),
                1e-3 * histogram.quantile(0.99),
                1e-3 * histogram.quantile(0.999),
                1e-3 * static_cast<double>(histogram.max()),
                std::nullopt};
  if (first && last) cost.instructions = static_cast<double>(*last - *first) / ticks;
  return cost;
}

}  // namespace handloop
