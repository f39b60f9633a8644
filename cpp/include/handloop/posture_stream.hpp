// Where the joints should be, as another thread says while a loop runs. The latest word counts.
//
// The tick never waits: it looks once, and finds a word that is just being written in the next
// tick. From word to word the reference moves on a straight line, so that a source slower than the
// tick makes no steps.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>

#include "handloop/published.hpp"
#include "handloop/types.hpp"

namespace handloop {

class PostureStream {
 public:
  struct Word {
    std::uint64_t number = 0;  // grows by one with every word; 0: nothing was said yet
    double within = 0.0;       // [s], until the posture shall be reached
    std::array<double, kMaxJoints> q{};
  };

  // Throws std::invalid_argument for more joints than a hand can have, or none.
  explicit PostureStream(int joint_count) : joint_count_(joint_count) {
    if (joint_count < 1 || joint_count > kMaxJoints)
      throw std::invalid_argument("a stream is for 1 to 32 joints");
  }

  int joint_count() const { return joint_count_; }

  // By one thread at a time. Throws std::invalid_argument for numbers that cannot be followed.
  void set(const JointVector& q, double within) {
    if (q.size() != joint_count_ || !q.allFinite())
      throw std::invalid_argument("a posture must be finite, with a number for every joint");
    if (!(within > 0.0) || !std::isfinite(within))
      throw std::invalid_argument("the time within which a posture is reached must be > 0");
    word_.change([&](Word& word) {
      ++word.number;
      word.within = within;
      std::copy_n(q.data(), q.size(), word.q.begin());
    });
  }

  bool try_copy(Word& word) const { return word_.try_copy(word); }

 private:
  int joint_count_;
  Published<Word> word_;
};

// Moves a reference as a stream says.
class StreamFollower {
 public:
  void follow(std::shared_ptr<const PostureStream> stream) {
    stream_ = std::move(stream);
    heard_.number = 0;
    moves_ = false;
  }
  bool follows() const { return stream_ != nullptr; }
  // Stays where the reference is then, until a new word comes: after a fault nothing may jump.
  void reset() { moves_ = false; }

  // `q` is where the reference is, and is moved to where it should be now.
  void move(double now, JointVector& q) {
    PostureStream::Word word;
    if (stream_->try_copy(word) && word.number != heard_.number) {
      heard_ = word;
      from_ = q;
      began_ = moves_ ? last_ : now;  // so that it moves even if a word comes in every tick
      moves_ = true;
    }
    last_ = now;
    if (!moves_) return;
    const double s = std::clamp((now - began_) / heard_.within, 0.0, 1.0);
    q = (1.0 - s) * from_ + s * Eigen::Map<const Eigen::VectorXd>(heard_.q.data(), from_.size());
  }

 private:
  std::shared_ptr<const PostureStream> stream_;
  PostureStream::Word heard_;
  JointVector from_;
  double began_ = 0.0, last_ = 0.0;  // [s]
  bool moves_ = false;
};

}  // namespace handloop
