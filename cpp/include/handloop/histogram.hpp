// A histogram of times with constant relative width, in the manner of HdrHistogram: recording costs
// a few instructions, never allocates, and keeps quantiles to 1/64.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <vector>

namespace handloop {

class Histogram {
 public:
  // Safe against one concurrent reader.
  void record(std::int64_t nanoseconds) {
    const auto value = static_cast<std::uint64_t>(nanoseconds < 0 ? 0 : nanoseconds);
    auto& bucket = buckets_[bucket_of(value)];
    bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (value > max_.load(std::memory_order_relaxed)) max_.store(value, std::memory_order_relaxed);
  }

  void clear() {
    for (auto& bucket : buckets_) bucket.store(0, std::memory_order_relaxed);
    count_.store(0);
    max_.store(0);
  }

  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  std::uint64_t max() const { return max_.load(std::memory_order_relaxed); }

  // Smallest recorded value [ns] that at least `fraction` of all values do not pass; never more
  // than max(), which the middle of its bucket may be.
  double quantile(double fraction) const {
    const double wanted = fraction * static_cast<double>(count());
    double seen = 0.0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += static_cast<double>(buckets_[i].load(std::memory_order_relaxed));
      if (seen > 0.0 && seen >= wanted) return std::min(middle_of(i), static_cast<double>(max()));
    }
    return 0.0;
  }

  struct Bucket {
    double value;  // [ns], its middle
    std::uint64_t count;
  };
  // Those that are not empty, in order.
  std::vector<Bucket> buckets() const {
    std::vector<Bucket> filled;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      const std::uint64_t count = buckets_[i].load(std::memory_order_relaxed);
      if (count > 0) filled.push_back({std::min(middle_of(i), static_cast<double>(max())), count});
    }
    return filled;
  }

 private:
  static constexpr int kBits = 6;  // 64 buckets per power of two
  static constexpr std::uint64_t kSub = 1u << kBits;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < kSub) return static_cast<std::size_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - kBits - 1;
    return static_cast<std::size_t>((static_cast<std::uint64_t>(shift) + 1) * kSub +
                                    ((value >> shift) - kSub));
  }

  static double middle_of(std::size_t bucket) {
    if (bucket < kSub) return static_cast<double>(bucket);
    const std::size_t shift = bucket / kSub - 1;
    const double low = static_cast<double>((bucket % kSub + kSub) << shift);
    return low + 0.5 * static_cast<double>((std::uint64_t{1} << shift) - 1);
  }

  std::array<std::atomic<std::uint64_t>, (64 - kBits + 1) * kSub> buckets_{};
  std::atomic<std::uint64_t> count_{0}, max_{0};
};

}  // namespace handloop
