// The forces of all contacts as a function of six prices y of the wrench, and the wrench that they
// leave missing: the gradient of the dual of the grasp-force problem (grasp_force.hpp).
//
// In units of force: torques are divided by `length`, levers too.
#pragma once

#include "handloop/contact_force_set.hpp"
#include "handloop/grasp_problem.hpp"

namespace handloop {

using Mat6 = Eigen::Matrix<double, 6, 6>;

class GraspDual {
 public:
  void forget() {
    for (ContactForceSet& set : set_) set.forget();
  }

  void pose(const GraspProblem& p, double length, WorkBudget& work) {
    count_ = p.contact_count;
    wanted_ << p.wrench.head<3>(), p.wrench.tail<3>() / length;
    effort_max_ = 0.0;
    least_miss_ = std::numeric_limits<double>::infinity();
    for (int i = 0; i < count_; ++i) {
      const GraspContact& c = p.contact[index(i)];
      set_[index(i)].assign(c, work);
      lever_[index(i)] = (c.position - p.origin) / length;
      effort_max_ += 0.5 * c.weight * (1.0 + c.friction * c.friction) * c.force_max * c.force_max;
    }
  }

  // Moves to y: forces, what is missing, and how both change.
  void look(const Vec6& y, WorkBudget& work) {
    const Vec3 force = y.head<3>(), torque = y.tail<3>();
    missing_ = wanted_;
    for (int i = 0; i < count_; ++i) {
      ForceProjection& p = projection_[index(i)];
      const Vec3& lever = lever_[index(i)];
      const double weight = set_[index(i)].contact().weight;
      set_[index(i)].project((force + torque.cross(lever)) / weight, p, work);
      missing_.head<3>() -= p.force;
      missing_.tail<3>() -= lever.cross(p.force);
    }
    keep_closest();
  }

  int contact_count() const { return count_; }
  const Vec6& wanted() const { return wanted_; }     // [N]
  const Vec6& missing() const { return missing_; }   // [N]
  double effort_max() const { return effort_max_; }  // [N2], of the largest forces
  const ContactForceSet& set(int i) const { return set_[index(i)]; }
  const Vec3& force(int i) const { return projection_[index(i)].force; }

  // Lower triangle of sum G D G^T / weight, with the Jacobians D of the forces.
  Mat6 curvature() const {
    Mat3 force = Mat3::Zero(), mixed = Mat3::Zero(), torque = Mat3::Zero();
    for (int i = 0; i < count_; ++i) {
      const Mat3 d = projection_[index(i)].jacobian / set_[index(i)].contact().weight;
      const Vec3& lever = lever_[index(i)];
      Mat3 moment;
      for (int k = 0; k < 3; ++k) moment.col(k) = lever.cross(d.col(k));
      force += d;
      mixed += moment;
      for (int k = 0; k < 3; ++k) torque.row(k) += lever.cross(moment.row(k).transpose());
    }
    Mat6 h;
    h.topLeftCorner<3, 3>() = force;
    h.bottomLeftCorner<3, 3>() = mixed;
    h.bottomRightCorner<3, 3>() = torque;
    return h;
  }

  // How far all that the forces can do along y falls short of the wrench (Farkas).
  double shortfall(const Vec6& y) const {
    double most = 0.0;
    const Vec3 force = y.head<3>(), torque = y.tail<3>();
    for (int i = 0; i < count_; ++i) {
      most += set_[index(i)].most_along(force + torque.cross(lever_[index(i)]));
    }
    return y.dot(wanted_) - most;
  }

  // The best forces on the way from the last ones, as far as the sets admit them, to the closest of
  // those looked at: least 1/2 |missing|^2 + closeness / 2 sum weight |f|^2.
  PerFinger<Vec3> best_on_way(const PerFinger<Vec3>& last, double closeness) const {
    PerFinger<Vec3> way = last;
    Vec6 change = Vec6::Zero();
    double slope = 0.0, rise = 0.0;
    for (int i = 0; i < count_; ++i) {
      const auto k = index(i);
      const double effort = closeness * set_[k].contact().weight;
      way[k] = set_[k].admit(last[k]) - closest_[k];
      change.head<3>() += way[k];
      change.tail<3>() += lever_[k].cross(way[k]);
      slope += effort * way[k].dot(closest_[k]);
      rise += effort * way[k].squaredNorm();
    }
    slope -= change.dot(least_missing_);
    rise += change.squaredNorm();
    const double part = rise > 0.0 ? std::clamp(-slope / rise, 0.0, 1.0) : 0.0;
    for (int i = 0; i < count_; ++i) way[index(i)] = closest_[index(i)] + part * way[index(i)];
    return way;
  }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  void keep_closest() {
    const double miss = missing_.squaredNorm();
    if (miss >= least_miss_) return;
    least_miss_ = miss;
    least_missing_ = missing_;
    for (int i = 0; i < count_; ++i) closest_[index(i)] = force(i);
  }

  int count_ = 0;
  double effort_max_ = 0.0;
  std::array<ContactForceSet, kMaxFingers> set_{};
  PerFinger<ForceProjection> projection_{};
  PerFinger<Vec3> lever_{};
  Vec6 wanted_ = Vec6::Zero(), missing_ = Vec6::Zero();
  PerFinger<Vec3> closest_{};  // [N], of those looked at, by the wrench
  Vec6 least_missing_ = Vec6::Zero();
  double least_miss_ = 0.0;  // [N2]
};

}  // namespace handloop
